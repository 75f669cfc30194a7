#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/host_pattern.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "models/proxy/route_parts.hpp"

namespace windtunnel::chaos {

namespace {

/// One host of `hosts` that is not among `allowed`, both ascending; absent where there is none.
std::optional<HostId> stranger(const std::vector<HostId>& hosts,
                               const std::vector<HostId>& allowed) {
  for (const HostId host : hosts) {
    if (!std::binary_search(allowed.begin(), allowed.end(), host)) {
      return host;
    }
  }
  return std::nullopt;
}

/// The values of one label: each host of the service has one at most.
void read_label(const std::string& name, const Node& node, const HostDirectory& hosts,
                PlannedService& service) {
  const auto members = node.members("hosts by value");
  if (!node.json().is_object()) {
    return;
  }
  std::vector<std::string_view> values;
  for (const auto& [value, member] : members) {
    values.push_back(value);
  }
  const Block block{node, KeySet{"label", values}};
  std::vector<HostId> unlabelled = service.on;
  for (const auto& [value, member] : members) {
    std::vector<HostId> on = read_hosts(block, value, hosts);
    if (const auto host = stranger(on, unlabelled); host && !service.on.empty()) {
      member.complain(fmt::format("\"{}\", which has no instance of the service, or another value",
                                  hosts[*host].name),
                      "hosts of the service, each with one value");
      continue;
    }
    std::erase_if(unlabelled,
                  [&](HostId host) { return std::binary_search(on.begin(), on.end(), host); });
    service.labels.push_back({name, value, std::move(on)});
  }
}

}  // namespace

void read_labels(const Block& block, const HostDirectory& hosts, PlannedService& service) {
  if (!block.has("labels")) {
    return;
  }
  for (const auto& [name, member] : block.at("labels").members("labels by name")) {
    if (!is_plain_name(name) || name == proxy::kVersionLabel) {
      member.complain_about_key(
          fmt::format("\"{}\"", name),
          "a name of letters, digits, '-', '_' and '.', not that of versions");
      continue;
    }
    read_label(name, member, hosts, service);
  }
}

}  // namespace windtunnel::chaos
