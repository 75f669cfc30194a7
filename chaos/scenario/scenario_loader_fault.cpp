#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

/// A fault's key and the keys that may stand beside it, apart from id and at. A canary, a
/// rotation and a bundle do not repeat: the second strike would ask for what there is already.
struct FaultKind {
  std::string_view key;
  std::vector<std::string_view> modifiers;
};

const std::array<FaultKind, 12>& fault_kinds() {
  static const std::array<FaultKind, 12> kinds{
      FaultKind{"crash", {"every", "times", "restart_after"}},
      FaultKind{"host_loss", {"every", "times", "restart_after"}},
      FaultKind{"pause", {"every", "times", "for"}},
      FaultKind{"partition", {"every", "times", "for", "one_way", "by"}},
      FaultKind{"delay", {"every", "times", "for", "between", "on", "one_way"}},
      FaultKind{"loss", {"every", "times", "for", "between", "on", "one_way"}},
      FaultKind{"policy", {"every", "times", "review"}},
      FaultKind{"canary", {"review"}},
      FaultKind{"load", {"every", "times", "for"}},
      FaultKind{"split", {"every", "times", "review"}},
      FaultKind{"rotate_root", {}},
      FaultKind{"bundle", {}}};
  return kinds;
}

constexpr std::array<std::string_view, 9> kModifiers{
    "every", "times", "for", "restart_after", "between", "on", "one_way", "by", "review"};
constexpr std::array kCutModes{Choice<CutMode>{"drop", CutMode::drop},
                               Choice<CutMode>{"reject", CutMode::reject}};

std::vector<std::string_view> fault_keys_in(const Block& block) {
  std::vector<std::string_view> found;
  for (const FaultKind& kind : fault_kinds()) {
    if (block.has(kind.key)) {
      found.push_back(kind.key);
    }
  }
  return found;
}

void check_modifiers(const Block& block, std::string_view key) {
  const auto kind = std::find_if(fault_kinds().begin(), fault_kinds().end(),
                                 [&](const FaultKind& k) { return k.key == key; });
  for (const std::string_view modifier : kModifiers) {
    const bool fits = std::find(kind->modifiers.begin(), kind->modifiers.end(), modifier) !=
                      kind->modifiers.end();
    if (!fits && block.has(modifier)) {
      block.at(modifier).complain_about_key(
          fmt::format("\"{}\" beside \"{}\"", modifier, key),
          fmt::format("nothing beside it but id, at{}{}", kind->modifiers.empty() ? "" : ", ",
                      fmt::join(kind->modifiers, ", ")));
    }
  }
}

Target read_target(const Node& node, const HostDirectory& hosts) {
  std::optional<Target> target;
  read_value(node, target);
  if (!target) {
    return {};
  }
  check_names(node, *target, hosts);
  return std::move(*target);
}

Direction read_direction(const Block& block) {
  bool one_way = false;
  block.optional("one_way", one_way);
  return one_way ? Direction::one_way : Direction::both_ways;
}

/// Groups without roles are known now: no host may stand on two sides, and there must be another
/// side.
void check_groups(const Node& node, const std::vector<Target>& groups, const HostDirectory& hosts) {
  if (std::any_of(groups.begin(), groups.end(), has_role)) {
    return;
  }
  std::vector<bool> seen(hosts.size());
  std::size_t seen_count = 0;
  for (const Target& group : groups) {
    for (const HostId host : resolve(group, TargetContext{hosts})) {
      if (seen[host.value()]) {
        node.complain(fmt::format("\"{}\" in two groups", hosts[host].name),
                      "groups that share no host");
        return;
      }
      seen[host.value()] = true;
      ++seen_count;
    }
  }
  if (groups.size() == 1 && seen_count == hosts.size()) {
    node.complain("a group of all hosts", "a group with hosts outside it");
  }
}

Partition read_partition(const Block& block, const HostDirectory& hosts) {
  Partition partition;
  const Node node = block.at("partition");
  const std::size_t problems_before = node.reading().problems;
  for (const Node& group : node.elements("an array of groups, each a target")) {
    partition.groups.push_back(read_target(group, hosts));
  }
  if (node.json().is_array() && partition.groups.empty()) {
    node.complain("no group", "at least one group");
  }
  if (hosts.size() > 0 && node.reading().problems == problems_before) {
    check_groups(node, partition.groups, hosts);
  }
  block.optional("by", partition.mode, std::span<const Choice<CutMode>>{kCutModes});
  partition.direction = read_direction(block);
  return partition;
}

LinkSet read_links(const Block& block, const HostDirectory& hosts) {
  LinkSet links;
  links.direction = read_direction(block);
  if (block.has("between") == block.has("on")) {
    block.node().complain(
        block.has("on") ? "both \"between\" and \"on\"" : "no links",
        "either \"between\", two targets, or \"on\", a target whose links are meant");
  } else if (block.has("on")) {
    links.from = read_target(block.at("on"), hosts);
  } else if (const Node between = block.at("between");
             !between.json().is_array() || between.json().size() != 2) {
    between.complain("two targets");
  } else {
    links.from = read_target(between.element(0), hosts);
    links.to = read_target(between.element(1), hosts);
  }
  return links;
}

Fault read_kind(std::string_view key, const Block& block, TimelineContext& context) {
  const HostDirectory& hosts = context.hosts;
  if (key == "policy") {
    PolicyChange change{
        read_policies(block.at("policy"), hosts, context.services, context.policies)};
    check_mtls(block.at("policy"), context.control_plane);
    return change;
  }
  if (key == "canary") {
    return Canary{read_canary(block.at("canary"), context.services)};
  }
  if (key == "split") {
    return SplitChange{read_splits(block.at("split"), context.services)};
  }
  if (key == "rotate_root") {
    if (!context.control_plane.identity) {
      block.at(key).complain_about_key("a new root where nobody signs certificates",
                                       "\"identity\" in the control plane");
    }
    return RotateRoot{read_rotation(block.at(key))};
  }
  if (key == "bundle") {
    if (!context.control_plane.gate) {
      block.at(key).complain_about_key("a bundle where nobody reviews changes",
                                       "a \"gate\" in the control plane");
    }
    return read_bundle_change(block.at(key));
  }
  if (key == "load") {
    return Surge{read_surge_load(block.at("load"), hosts, context.services)};
  }
  if (key == "partition") {
    return read_partition(block, hosts);
  }
  if (key == "delay") {
    Delay delay{read_links(block, hosts), {}};
    block.required("delay", delay.extra);
    return delay;
  }
  if (key == "loss") {
    Loss loss{read_links(block, hosts), {}};
    block.required("loss", loss.probability);
    return loss;
  }
  std::optional<Duration> restart_after;
  block.optional("restart_after", restart_after, kAnyDuration);
  Target on = read_target(block.at(key), hosts);
  if (key == "crash") {
    return Crash{std::move(on), restart_after};
  }
  return key == "pause" ? Fault{Pause{std::move(on)}}
                        : Fault{HostLoss{std::move(on), restart_after}};
}

}  // namespace

std::string_view fault_key(const Block& block) {
  const std::vector<std::string_view> found = fault_keys_in(block);
  return found.size() == 1 ? found.front() : std::string_view{};
}

std::optional<Fault> read_fault(const Block& block, TimelineContext& context) {
  const std::vector<std::string_view> found = fault_keys_in(block);
  if (found.size() != 1) {
    block.node().complain(found.empty()
                              ? "no fault"
                              : fmt::format("{} faults ({})", found.size(), fmt::join(found, ", ")),
                          "exactly one of crash, host_loss, pause, partition, delay, loss, policy, "
                          "canary, load, split, rotate_root, bundle");
    return std::nullopt;
  }
  check_modifiers(block, found.front());
  return read_kind(found.front(), block, context);
}

}  // namespace windtunnel::chaos
