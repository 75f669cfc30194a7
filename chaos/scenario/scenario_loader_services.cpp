#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

PlannedService read_service(const std::string& name, const Node& node, const HostDirectory& hosts) {
  PlannedService service;
  service.name = name;
  const Block block{node, keys::service};
  service.on = read_hosts(block, "on", hosts);
  read_station(block, service);
  read_versions(block, hosts, service);
  read_labels(block, hosts, service);
  if (block.has("virtual_address")) {
    service.virtual_address = read_virtual_address(block.at("virtual_address"), hosts, service.on);
  }
  return service;
}

bool is_service(const std::vector<PlannedService>& services, std::string_view name) {
  return std::any_of(services.begin(), services.end(),
                     [&](const PlannedService& service) { return service.name == name; });
}

struct UnknownService {
  std::string found;
  std::string expected;
  std::string nearest;
};

std::optional<UnknownService> unknown_service(const std::string& name,
                                              const std::vector<PlannedService>& services) {
  if (is_service(services, name)) {
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const PlannedService& service : services) {
    names.push_back(service.name);
  }
  return UnknownService{fmt::format("\"{}\", which is no service", name),
                        names.empty() ? std::string{"a service, and there is none"}
                                      : fmt::format("one of {}", fmt::join(names, ", ")),
                        nearest_name(name, names)};
}

void check_calls(const Node& node, const std::vector<PlannedService>& services) {
  for (const PlannedService& service : services) {
    if (!node.json().at(service.name).is_object() ||
        !node.json().at(service.name).contains("calls")) {
      continue;
    }
    const Node calls = node.member(service.name).member("calls");
    for (std::size_t i = 0; i < service.calls.size(); ++i) {
      const Node call = calls.element(i);
      const bool is_object = call.json().is_object();
      // One without a name was complained about.
      if (!service.calls[i].to.empty()) {
        check_service(is_object ? call.member("to") : call, service.calls[i].to, services);
      }
    }
  }
}

/// Whether `service` reaches `wanted` by its calls. `depth` bounds what a cycle elsewhere costs.
bool reaches(const std::vector<PlannedService>& services, std::string_view service,
             std::string_view wanted, std::size_t depth) {
  const auto found = std::find_if(services.begin(), services.end(),
                                  [&](const PlannedService& s) { return s.name == service; });
  return depth > 0 && found != services.end() &&
         std::any_of(found->calls.begin(), found->calls.end(), [&](const PlannedCall& call) {
           return call.to == wanted || reaches(services, call.to, wanted, depth - 1);
         });
}

/// Routers of one network are told apart by eight bits.
void check_virtual_addresses(const Node& node, const std::vector<PlannedService>& services) {
  constexpr int kRoutersMax = 255;
  int routers = 0;
  for (const PlannedService& service : services) {
    if (service.virtual_address && ++routers > kRoutersMax) {
      node.member(service.name)
          .complain_about_key("one virtual address too many",
                              fmt::format("{} at most in all", kRoutersMax));
      return;
    }
  }
}

void check_cycles(const Node& node, const std::vector<PlannedService>& services) {
  constexpr std::size_t kDepthMax = 32;
  for (const PlannedService& service : services) {
    if (reaches(services, service.name, service.name, std::min(services.size(), kDepthMax))) {
      node.member(service.name)
          .complain_about_key(fmt::format("\"{}\", which calls itself in the end", service.name),
                              "calls without a cycle");
      return;
    }
  }
}

}  // namespace

void check_service(const Node& node, const std::string& name,
                   const std::vector<PlannedService>& services) {
  if (const std::optional<UnknownService> unknown = unknown_service(name, services)) {
    node.complain(unknown->found, unknown->expected, unknown->nearest);
  }
}

void check_service_in_key(const Node& node, const std::string& name,
                          const std::vector<PlannedService>& services) {
  if (const std::optional<UnknownService> unknown = unknown_service(name, services)) {
    node.complain_about_key(unknown->found, unknown->expected, unknown->nearest);
  }
}

std::vector<PlannedService> read_services(const Node& node, const HostDirectory& hosts) {
  std::vector<PlannedService> services;
  for (const auto& [name, member] : node.members("services by name")) {
    if (!is_plain_name(name) || name == kControlPlane) {
      member.complain_about_key(fmt::format("\"{}\"", name),
                                "a name of letters, digits, '-', '_' and '.', not control_plane");
      continue;
    }
    services.push_back(read_service(name, member, hosts));
  }
  check_calls(node, services);
  check_cycles(node, services);
  check_virtual_addresses(node, services);
  return services;
}

}  // namespace windtunnel::chaos
