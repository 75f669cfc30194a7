#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/gate_document.hpp"
#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/plan_json_blocks.hpp"
#include "chaos/scenario/source.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

struct DistributionPrinter {
  Json operator()(const Constant& d) const { return quantity_text(d.value); }
  Json operator()(const Uniform& d) const {
    return {{"uniform", {quantity_text(d.low), quantity_text(d.high)}}};
  }
  Json operator()(const Normal& d) const {
    return quantity_text(d.mean) + "±" + quantity_text(d.deviation);
  }
  Json operator()(const Exponential& d) const { return {{"exponential", quantity_text(d.mean)}}; }
  Json operator()(const Lognormal& d) const {
    return {{"median", quantity_text(d.median)}, {"p99", quantity_text(d.p99)}};
  }
  Json operator()(const Empirical& d) const {
    Json values = Json::array();
    for (const Duration value : d.values) {
      values.push_back(quantity_text(value));
    }
    return {{"empirical", std::move(values)}};
  }
};

std::string probability_text(Probability probability) {
  return quantity_text(share_of(probability));
}

std::string share_text(Ratio ratio) {
  return quantity_text(Share{std::llround(ratio.value * 1e9)});
}

Json links_json(const Network& network, std::string (*show)(const LinkSettings&)) {
  return {
      {"zone", show(network.zone)}, {"region", show(network.region)}, {"wan", show(network.wan)}};
}

Json bandwidths_json(const Network& network) {
  Json json = Json::object();
  const auto add = [&](const char* name, const LinkSettings& links) {
    if (links.bandwidth) {
      json[name] = quantity_text(*links.bandwidth);
    }
  };
  add("zone", network.zone);
  add("region", network.region);
  add("wan", network.wan);
  return json;
}

Json host_json(const PlannedHost& host) {
  return {
      {"zone", host.zone},
      {"cores", host.cores},
      {"message_cost", quantity_text(host.message_cost)},
      {"clock",
       {{"offset", quantity_text(host.clock.offset)}, {"drift", quantity_text(host.clock.drift)}}}};
}

Json topology_json(const Plan& plan) {
  Json zones = Json::object();
  for (const PlannedZone& zone : plan.zones) {
    zones[zone.name] = zone.region;
  }
  Json hosts = Json::object();
  auto& members = hosts.get_ref<Json::object_t&>();
  for (const PlannedHost& host : plan.hosts) {
    // push_back, since operator[] would search all hosts before it for the name.
    members.push_back({host.name, host_json(host)});
  }
  return {{"zones", std::move(zones)},
          {"hosts", std::move(hosts)},
          {"latency",
           {{"loopback", distribution_json(plan.network.loopback)},
            {"zone", distribution_json(plan.network.zone.latency)},
            {"region", distribution_json(plan.network.region.latency)},
            {"wan", distribution_json(plan.network.wan.latency)}}},
          {"bandwidth", bandwidths_json(plan.network)},
          {"loss", links_json(plan.network, [](const LinkSettings& links) {
             return probability_text(links.loss);
           })}};
}

Json control_plane_json(const Plan& plan) {
  const RaftSettings& raft = plan.control_plane.raft;
  const ConfigSettings& config = plan.control_plane.config;
  Json json = {{"on", hosts_text(plan.control_plane.members, plan)},
               {"raft",
                {{"tick", quantity_text(raft.tick)},
                 {"heartbeat_ticks", raft.heartbeat_ticks},
                 {"election_ticks", raft.election_ticks},
                 {"pre_vote", raft.pre_vote},
                 {"check_quorum", raft.check_quorum},
                 {"fsync", distribution_json(raft.fsync)},
                 {"max_entries_per_append", raft.max_entries_per_append},
                 {"max_bytes_per_append", quantity_text(raft.max_bytes_per_append)}}},
               {"config",
                {{"push", enumerator_name(config.push)},
                 {"debounce", quantity_text(config.debounce)},
                 {"concurrency", config.concurrency},
                 {"document_cost", quantity_text(config.document_cost)}}}};
  if (const auto& registry = plan.control_plane.registry) {
    json["registry"] = {{"heartbeat", quantity_text(registry->heartbeat)},
                        {"expire_after", registry->expire_after},
                        {"self_preservation", registry->self_preservation}};
  }
  if (plan.control_plane.identity) {
    json["identity"] = identity_json(*plan.control_plane.identity);
  }
  if (plan.control_plane.gate) {
    json["gate"] = gate_json(*plan.control_plane.gate);
  }
  return json;
}

void add_links(Json& json, const LinkSet& links) {
  if (links.to) {
    json["between"] = {target_text(links.from), target_text(*links.to)};
  } else {
    json["on"] = target_text(links.from);
  }
  json["one_way"] = links.direction == Direction::one_way;
}

/// Adds a fault's key and what modifies it to its timeline entry.
struct FaultAdder {
  Json& json;
  const Plan& plan;

  void add_restart(const std::optional<Duration>& restart_after) const {
    if (restart_after) {
      json["restart_after"] = quantity_text(*restart_after);
    }
  }
  void operator()(const Crash& fault) const {
    json["crash"] = target_text(fault.on);
    add_restart(fault.restart_after);
  }
  void operator()(const HostLoss& fault) const {
    json["host_loss"] = target_text(fault.on);
    add_restart(fault.restart_after);
  }
  void operator()(const Pause& fault) const { json["pause"] = target_text(fault.on); }
  void operator()(const Partition& fault) const {
    json["partition"] = Json::array();
    for (const Target& group : fault.groups) {
      json["partition"].push_back(target_text(group));
    }
    json["by"] = fault.mode == CutMode::drop ? "drop" : "reject";
    json["one_way"] = fault.direction == Direction::one_way;
  }
  void operator()(const Delay& fault) const {
    json["delay"] = distribution_json(fault.extra);
    add_links(json, fault.links);
  }
  void operator()(const Loss& fault) const {
    json["loss"] = probability_text(fault.probability);
    add_links(json, fault.links);
  }
  void operator()(const PolicyChange& change) const {
    json["policy"] = policies_json(change.policies);
  }
  void operator()(const Canary& canary) const { json["canary"] = canary_json(canary.spec); }
  void operator()(const SplitChange& change) const { json["split"] = splits_json(change.splits); }
  void operator()(const RotateRoot& fault) const {
    json["rotate_root"] = rotation_json(fault.spec);
  }
  void operator()(const BundleChange& fault) const { json["bundle"] = bundle_json(fault); }
  void operator()(const Surge& fault) const { json["load"] = load_json(fault.load, plan); }
};

Json entry_json(const TimelineEntry& entry, const Plan& plan) {
  Json json = {{"id", entry.id}, {"at", quantity_text(entry.at.time_since_epoch())}};
  if (entry.every > Duration::zero()) {
    json["every"] = quantity_text(entry.every);
    json["times"] = entry.times;
  }
  if (entry.lasts) {
    json["for"] = quantity_text(*entry.lasts);
  }
  std::visit(FaultAdder{json, plan}, entry.fault);
  if (!entry.review.empty()) {
    json["review"] = json_of(entry.review);
  }
  return json;
}

struct AmountPrinter {
  Json operator()(Duration duration) const { return quantity_text(duration); }
  Json operator()(Count count) const { return count; }
  Json operator()(Ratio ratio) const { return share_text(ratio); }
};

Json amount_json(const Amount& amount) {
  return std::visit(AmountPrinter{}, amount);
}

struct BoundAdder {
  Json& json;

  void operator()(const AtMost& bound) const { json["at_most"] = amount_json(bound.limit); }
  void operator()(const AtLeast& bound) const { json["at_least"] = amount_json(bound.limit); }
  void operator()(const Equals& bound) const { json["equals"] = amount_json(bound.value); }
  void operator()(const Within& bound) const {
    json["within"] = {amount_json(bound.low), amount_json(bound.high)};
  }
};

std::string until_text(const WindowEnd& until) {
  const TrueInstant* const at = std::get_if<TrueInstant>(&until);
  return at != nullptr ? quantity_text(at->time_since_epoch()) : std::get<std::string>(until);
}

Json expectation_json(const Expectation& expectation) {
  Json json = {{"that", expectation.that}};
  if (expectation.kind == ExpectationKind::gate) {
    json["gate"] = true;
  }
  if (expectation.window != WindowKind::whole_run) {
    json[expectation.window == WindowKind::after ? "after" : "during"] = expectation.fault;
  }
  if (expectation.until) {
    json["until"] = until_text(*expectation.until);
  }
  if (expectation.bound) {
    std::visit(BoundAdder{json}, *expectation.bound);
  }
  if (expectation.on_empty) {
    json["on_empty"] = std::string{to_string(*expectation.on_empty)};
  }
  if (expectation.over_seeds) {
    json["over_seeds"] = std::string{to_string(*expectation.over_seeds)};
  }
  return json;
}

template <typename List, typename Print>
Json array_of(const List& list, const Print& print) {
  Json array = Json::array();
  for (const auto& element : list) {
    array.push_back(print(element));
  }
  return array;
}

Json recovery_json(const RecoveryOptions& recovery) {
  return {{"success_ratio", share_text(recovery.success_ratio)},
          {"latency_factor", recovery.latency_factor},
          {"window", quantity_text(recovery.window)},
          {"sustain", quantity_text(recovery.sustain)},
          {"steady", quantity_text(recovery.steady)},
          {"balance",
           {{"distance", share_text(recovery.balance.distance)},
            {"window", quantity_text(recovery.balance.window)},
            {"sustain", quantity_text(recovery.balance.sustain)}}}};
}

}  // namespace

Json distribution_json(const DurationDistribution& distribution) {
  return std::visit(DistributionPrinter{}, distribution);
}

std::string hosts_text(const std::vector<HostId>& hosts, const Plan& plan) {
  std::string text;
  for (const HostId host : hosts) {
    text += (text.empty() ? "" : " | ") + plan.hosts[host.value()].name;
  }
  return text;
}

std::string plan_json(const Plan& plan) {
  Json json = {{"name", plan.name}};
  if (!plan.about.empty()) {
    json["about"] = plan.about;
  }
  json["seed"] = plan.seed;
  json["duration"] = quantity_text(plan.duration);
  json["encode_messages"] = plan.encode_messages;
  json["topology"] = topology_json(plan);
  json["control_plane"] = control_plane_json(plan);
  if (plan.gossip) {
    json["gossip"] = gossip_json(*plan.gossip);
  }
  if (!plan.services.empty()) {
    json["services"] = services_json(plan);
  }
  if (!plan.policies.empty()) {
    json["policies"] = policies_json(plan.policies);
  }
  json["load"] = array_of(plan.loads, [&](const Load& load) { return load_json(load, plan); });
  if (plan.replication) {
    json["replication"] = replication_json(plan);
  }
  json["timeline"] =
      array_of(plan.timeline, [&](const TimelineEntry& entry) { return entry_json(entry, plan); });
  json["expect"] = array_of(plan.expectations, expectation_json);
  json["recovery"] = recovery_json(plan.recovery);
  return json.dump(2) + '\n';
}

}  // namespace windtunnel::chaos
