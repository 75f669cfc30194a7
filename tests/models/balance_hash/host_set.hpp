// A set of endpoints with what a policy over it needs, for tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// Endpoints with ids from zero on. Policies made of it must not outlive it.
class HostSet {
 public:
  HostSet& add(std::string address, std::uint32_t weight = 1) {
    Endpoint endpoint;
    endpoint.id = EndpointId{static_cast<std::uint32_t>(endpoints_.size())};
    endpoint.address = std::move(address);
    endpoint.weight = weight;
    endpoints_.push_back(std::move(endpoint));
    loads_.resize(endpoints_.size());
    return *this;
  }

  /// The same without its `index`-th endpoint; ids stay.
  [[nodiscard]] HostSet without(std::size_t index) const {
    HostSet rest = *this;
    rest.endpoints_.erase(rest.endpoints_.begin() + static_cast<std::ptrdiff_t>(index));
    return rest;
  }

  [[nodiscard]] Endpoint& operator[](std::size_t index) { return endpoints_[index]; }
  [[nodiscard]] std::vector<Endpoint>& endpoints() { return endpoints_; }
  [[nodiscard]] EndpointLoads& loads() { return loads_; }
  [[nodiscard]] std::size_t size() const { return endpoints_.size(); }

  [[nodiscard]] PolicyInput input(std::uint64_t seed = 1) const {
    return {endpoints_, loads_, RandomStream{seed, "balance"}, {}};
  }

 private:
  std::vector<Endpoint> endpoints_;
  EndpointLoads loads_;
};

/// `count` hosts "10.0.X.Y:80" of weight 1; `series` tells sets apart.
[[nodiscard]] inline HostSet hosts_in(std::uint32_t series, std::uint32_t count) {
  HostSet hosts;
  for (std::uint32_t host = 0; host < count; ++host) {
    hosts.add("10." + std::to_string(series) + "." + std::to_string(host / 256) + "." +
              std::to_string(host % 256) + ":80");
  }
  return hosts;
}

/// "127.0.0.1:<first>" and the `count` - 1 ports after it, which Envoy's tests use.
[[nodiscard]] inline HostSet local_ports(std::uint32_t first, std::uint32_t count) {
  HostSet hosts;
  for (std::uint32_t port = first; port < first + count; ++port) {
    hosts.add("127.0.0.1:" + std::to_string(port));
  }
  return hosts;
}

[[nodiscard]] inline PickRequest at_hash(std::uint64_t hash) {
  PickRequest request;
  request.hash = hash;
  return request;
}

[[nodiscard]] inline PickRequest with_key(std::string_view key) {
  PickRequest request;
  request.key = key;
  return request;
}

/// The id picked; a policy that picks nobody fails the test that calls this.
[[nodiscard]] inline std::uint32_t picked(Policy& policy, const PickRequest& request) {
  return policy.pick({}, request).value().value();
}

}  // namespace windtunnel::balance
