// Endpoints as Python describes them: an address, or a dict.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "bindings/src/component_values.hpp"
#include "models/balance/endpoint.hpp"
#include "models/balance/subset_index.hpp"

namespace windtunnel::balance {

BOOST_DESCRIBE_ENUM(EndpointHealth, healthy, degraded, draining, unhealthy)

}  // namespace windtunnel::balance

namespace windtunnel::bindings {

using Labels = std::vector<balance::Label>;

template <>
struct detail::ValueReader<Labels> {
  static void read(py::handle value, const std::string& where, Labels& into) {
    if (!py::isinstance<py::dict>(value)) {
      refuse_type(where, found_text(value), "a dict of labels");
    }
    into.clear();
    for (const auto& [key, label] : py::reinterpret_borrow<py::dict>(value)) {
      into.emplace_back(text_from(key, where), text_from(label, where));
    }
    std::sort(into.begin(), into.end());
  }
  static py::object write(const Labels& labels) {
    py::dict block;
    for (const auto& [key, label] : labels) {
      block[py::str(key)] = label;
    }
    return block;
  }
};

/// An endpoint as Python describes it.
struct EndpointParameters {
  std::string address{};
  std::uint32_t weight = 1;
  std::string zone{};
  std::uint32_t priority = 0;
  balance::EndpointHealth health = balance::EndpointHealth::healthy;
  Labels labels{};
};
BOOST_DESCRIBE_STRUCT(EndpointParameters, (), (address, weight, zone, priority, health, labels))

/// Of a list of addresses or dicts.
[[nodiscard]] std::vector<EndpointParameters> endpoints_from(py::handle list,
                                                             const std::string& where);
[[nodiscard]] balance::Endpoint endpoint_of(const EndpointParameters& given,
                                            balance::EndpointId id);

}  // namespace windtunnel::bindings
