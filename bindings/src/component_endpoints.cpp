#include "bindings/src/component_endpoints.hpp"

#include <utility>

namespace windtunnel::bindings {

std::vector<EndpointParameters> endpoints_from(py::handle list, const std::string& where) {
  if (!py::isinstance<py::iterable>(list) || py::isinstance<py::str>(list)) {
    refuse_type(where, found_text(list), "a list of addresses or of dicts");
  }
  std::vector<EndpointParameters> endpoints;
  for (const py::handle item : py::reinterpret_borrow<py::iterable>(list)) {
    const std::string at = fmt::format("{}[{}]", where, endpoints.size());
    EndpointParameters endpoint;
    if (py::isinstance<py::str>(item)) {
      endpoint.address = item.cast<std::string>();
    } else {
      read_value(item, at, endpoint);
    }
    if (endpoint.address.empty()) {
      refuse_value(at, found_text(item), "an address");
    }
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

balance::Endpoint endpoint_of(const EndpointParameters& given, balance::EndpointId id) {
  return {.id = id,
          .address = given.address,
          .weight = given.weight,
          .zone = given.zone,
          .priority = given.priority,
          .health = given.health,
          .labels = given.labels};
}

}  // namespace windtunnel::bindings
