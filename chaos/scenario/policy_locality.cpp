#include "chaos/scenario/policy_locality.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/nearest_name.hpp"
#include "chaos/scenario/policy_values.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::LocalityKind;
using proxy::LocalitySettings;
using proxy::ZoneWeight;

constexpr Limits<std::uint32_t> kWeights{0, 1'000'000};

void read_weights(const Block& block, LocalitySettings& locality) {
  if (!block.has("weights")) {
    return;
  }
  const Node node = block.at("weights");
  locality.weights.clear();
  const std::size_t problems_before = node.reading().problems;
  bool has_any = false;
  for (const auto& [zone, member] : node.members("weights by zone")) {
    ZoneWeight& weight = locality.weights.emplace_back(ZoneWeight{zone, 1});
    read_value(member, weight.weight, kWeights);
    has_any = has_any || weight.weight > 0;
  }
  if (node.reading().problems == problems_before && !has_any) {
    node.complain("no zone with a weight", "a zone that has one");
  }
}

}  // namespace

void read_locality(const Node& node, LocalitySettings& locality) {
  const std::vector<Choice<LocalityKind>> kinds = choices_of<LocalityKind>();
  if (node.json().is_string()) {
    locality = {};
    read_value(node, locality.kind, std::span<const Choice<LocalityKind>>{kinds});
    if (locality.kind == LocalityKind::weighted) {
      node.complain("zones without weights", "an object with the kind and \"weights\"");
    }
    return;
  }
  const Block block{node, keys::locality};
  block.optional("kind", locality.kind, std::span<const Choice<LocalityKind>>{kinds});
  block.optional("overprovisioning_percent", locality.overprovisioning_percent,
                 Limits<std::uint32_t>{100, 10'000});
  if (locality.kind != LocalityKind::weighted) {
    refuse_keys(block, enumerator_name(locality.kind), {"weights"});
    locality.weights.clear();
    return;
  }
  if (locality.weights.empty()) {
    block.require("weights");
  }
  read_weights(block, locality);
}

void check_zones(const Node& policy, const HostDirectory& hosts) {
  const Json& json = policy.json();
  const bool has_weights = json.is_object() && json.contains("locality") &&
                           json["locality"].is_object() && json["locality"].contains("weights") &&
                           json["locality"]["weights"].is_object();
  if (!has_weights) {
    return;
  }
  std::set<std::string> known;
  for (const DirectoryEntry& host : hosts.entries()) {
    known.insert(host.zone);
  }
  const std::vector<std::string> zones{known.begin(), known.end()};
  const Node weights = policy.member("locality").member("weights");
  for (const auto& [zone, member] : weights.members("weights by zone")) {
    if (!known.contains(zone)) {
      member.complain_about_key(fmt::format("\"{}\", a zone without hosts", zone),
                                fmt::format("one of {}", fmt::join(zones, ", ")),
                                nearest_name(zone, zones));
    }
  }
}

Json locality_json(const LocalitySettings& locality) {
  Json json = {{"kind", enumerator_name(locality.kind)},
               {"overprovisioning_percent", locality.overprovisioning_percent}};
  if (locality.kind == LocalityKind::weighted) {
    Json& weights = json["weights"] = Json::object();
    for (const ZoneWeight& zone : locality.weights) {
      weights[zone.zone] = zone.weight;
    }
  }
  return json;
}

std::string locality_text(const LocalitySettings& locality) {
  if (locality.kind == LocalityKind::failover) {
    return ", own zone first";
  }
  std::string text;
  for (const ZoneWeight& zone : locality.weights) {
    text += fmt::format("{} {} {}", text.empty() ? ", zones by weight:" : " to", zone.zone,
                        zone.weight);
  }
  return text;
}

}  // namespace windtunnel::chaos
