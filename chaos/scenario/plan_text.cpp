#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/policy_hierarchy.hpp"
#include "chaos/scenario/policy_locality.hpp"
#include "chaos/scenario/policy_subsets.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

constexpr std::size_t kNamesShown = 8;
constexpr std::size_t kStrikesShown = 20;

std::string host_names(const std::vector<HostId>& hosts, const Plan& plan) {
  std::string text;
  for (std::size_t i = 0; i < std::min(hosts.size(), kNamesShown); ++i) {
    text += (i == 0 ? "" : ", ") + plan.hosts[hosts[i].value()].name;
  }
  return hosts.size() <= kNamesShown ? text : fmt::format("{} ... ({} hosts)", text, hosts.size());
}

std::string zone_lines(const Plan& plan) {
  std::string text;
  for (const PlannedZone& zone : plan.zones) {
    std::vector<HostId> hosts;
    for (std::uint32_t i = 0; i < plan.hosts.size(); ++i) {
      if (plan.hosts[i].zone == zone.name) {
        hosts.push_back(HostId{i});
      }
    }
    text += fmt::format("  zone {} ({}): {}\n", zone.name, zone.region, host_names(hosts, plan));
  }
  return text;
}

std::string control_plane_line(const Plan& plan) {
  const RaftSettings& raft = plan.control_plane.raft;
  return fmt::format("  control plane: {}; tick {}, heartbeat {}, election timeout {} to {}{}{}\n",
                     host_names(plan.control_plane.members, plan), quantity_text(raft.tick),
                     quantity_text(raft.tick * raft.heartbeat_ticks),
                     quantity_text(raft.tick * raft.election_ticks),
                     quantity_text(raft.tick * (2 * raft.election_ticks - 1)),
                     raft.pre_vote ? ", pre-vote" : "", raft.check_quorum ? ", check-quorum" : "");
}

std::string registry_line(const Plan& plan) {
  const auto& registry = plan.control_plane.registry;
  return registry ? fmt::format("  registry: a heartbeat every {}, gone after {}{}\n",
                                quantity_text(registry->heartbeat),
                                quantity_text(registry->heartbeat * registry->expire_after),
                                registry->self_preservation ? ", self-preservation" : "")
                  : "";
}

std::string identity_line(const Plan& plan) {
  const auto& identity = plan.control_plane.identity;
  return identity ? fmt::format("  identity: certificates for {}, renewed when {} of it are left\n",
                                quantity_text(identity->ttl),
                                quantity_text(Share{identity->grace_ratio}))
                  : "";
}

std::string gate_line(const Plan& plan) {
  const auto& gate = plan.control_plane.gate;
  return gate ? fmt::format("  gate: {} rules, polled every {}; {} without them\n",
                            gate->bundle.rules.size(), quantity_text(gate->poll),
                            enumerator_name(gate->without_bundle))
              : "";
}

/// What is unusual about a service's instances, and whom they call.
std::string station_text(const PlannedService& service) {
  std::string text;
  text += service.speed == service::kFullSpeed
              ? ""
              : fmt::format(", at {} of full speed",
                            quantity_text(Share{std::int64_t{service.speed} * 1'000'000}));
  text += service.errors == Probability{}
              ? ""
              : fmt::format(", {} fail", quantity_text(share_of(service.errors)));
  text += service.priorities > 1 ? fmt::format(", {} priorities", service.priorities) : "";
  text += service.admission ? ", admission control" : "";
  text += service.pauses ? fmt::format(", pauses of {} every {} on average",
                                       quantity_text(mean_of(service.pauses->length)),
                                       quantity_text(mean_of(service.pauses->interval)))
                         : "";
  text += service.warm_up == service::WarmUp{}
              ? ""
              : fmt::format(", warm after {}", quantity_text(service.warm_up.lasts));
  text += service.virtual_address ? ", behind one virtual address" : "";
  std::string_view before = ", calls ";
  for (const PlannedCall& call : service.calls) {
    text += fmt::format("{}{}{}", before, call.to,
                        call.need == service::Need::optional ? " (optional)" : "");
    before = service.fan_out == service::FanOut::parallel ? " and " : ", ";
  }
  return text;
}

std::string service_line(const PlannedService& service, const Plan& plan) {
  return fmt::format("  service {}: {}; {} workers of {} on average, {} may wait{}\n", service.name,
                     host_names(service.on, plan), service.workers,
                     quantity_text(mean_of(service.service_time)), service.queue,
                     station_text(service));
}

std::string version_lines(const PlannedService& service, const Plan& plan) {
  std::string text;
  for (const PlannedVersion& version : service.versions) {
    text += fmt::format(
        "    version {}: {} of the requests; {}; work of {} on average, {} errors\n",
        version.version, quantity_text(Share{proxy::share_of(*service.split, version.version)}),
        host_names(version.on, plan), quantity_text(mean_of(version.service_time)),
        quantity_text(share_of(version.errors)));
  }
  return text;
}

std::string label_lines(const PlannedService& service, const Plan& plan) {
  std::string text;
  for (const PlannedLabel& label : service.labels) {
    text += fmt::format("    {} {}: {}\n", label.name, label.value, host_names(label.on, plan));
  }
  return text;
}

std::string rate_limit_text(const proxy::RateLimitSettings& limit) {
  const std::string rate = quantity_text(Rate{limit.events, limit.per});
  return limit.form.kind == proxy::RateLimitKind::token_bucket
             ? fmt::format(", at most {}", rate)
             : fmt::format(", at most {} by {}", rate, enumerator_name(limit.form.kind));
}

std::string policy_line(const proxy::RoutePolicy& policy) {
  std::string text =
      fmt::format("  policy {}→{}: {}, timeout {}", policy.caller, policy.callee,
                  enumerator_name(policy.balance.kind), quantity_text(policy.timeout));
  text += policy.retry ? fmt::format(", {} attempts", policy.retry->attempts) : "";
  text += policy.breaker ? ", breaker" : "";
  text += policy.outlier ? ", outlier ejection" : "";
  text += policy.hedge ? fmt::format(", hedged up to {} times", policy.hedge->attempts - 1) : "";
  text +=
      policy.adaptive_concurrency
          ? fmt::format(", concurrency by {}", enumerator_name(policy.adaptive_concurrency->kind))
          : "";
  text += policy.throttle ? ", throttled" : "";
  text += policy.locality ? locality_text(*policy.locality) : "";
  text += policy.retry_quota
              ? fmt::format(", retry quota of {}", enumerator_name(policy.retry_quota->kind))
              : "";
  text += policy.health_check
              ? fmt::format(", checked every {}", quantity_text(policy.health_check->interval))
              : "";
  text += policy.quota ? fmt::format(", at most {} from all proxies",
                                     quantity_text(Rate{policy.quota->events, policy.quota->per}))
                       : "";
  text += policy.bulkhead ? fmt::format(", {} at once and {} waiting for up to {}",
                                        policy.bulkhead->concurrency, policy.bulkhead->queue,
                                        quantity_text(policy.bulkhead->max_wait))
                          : "";
  text += policy.admission ? ", by the level that endpoints admit" : "";
  text += policy.mtls ? ", mutual TLS" : "";
  text += policy.rate_limit ? rate_limit_text(*policy.rate_limit) : "";
  text += policy.hierarchical_limit ? hierarchical_limit_text(*policy.hierarchical_limit) : "";
  text += policy.subsets ? subsets_text(*policy.subsets) : "";
  return text + "\n";
}

std::string load_line(const Load& load, const Plan& plan) {
  if (load.to != kControlPlane) {
    return fmt::format("  load: {} on {} from {}\n", traffic_text(load), load.to,
                       host_names(load.from, plan));
  }
  return fmt::format("  load: {} from {}; {} reads, values of {}, timeout {}, deadline {}\n",
                     traffic_text(load), host_names(load.from, plan),
                     quantity_text(share_of(load.reads)), quantity_text(load.value_size),
                     quantity_text(load.timeout), quantity_text(load.deadline));
}

std::string replication_lines(const Plan& plan) {
  if (!plan.replication) {
    return "";
  }
  const Replication& replication = *plan.replication;
  std::string text = fmt::format(
      "  replicas: {}; {} stamps, {}, deletions kept {}\n", host_names(replication.on, plan),
      enumerator_name(replication.stamps),
      replication.repair_every ? "repair every " + quantity_text(*replication.repair_every)
                               : std::string{"no repair"},
      replication.deletions_kept ? "for " + quantity_text(*replication.deletions_kept)
                                 : std::string{"until all have seen them"});
  for (const ReplicationLoad& load : replication.loads) {
    text += fmt::format("  load: {} on the replicas from {}; {} keys\n", quantity_text(load.rate),
                        host_names(load.from, plan), load.keys);
  }
  return text;
}

/// One line per strike, in order of time; equal times in the order of the file.
std::string timeline_lines(const Plan& plan) {
  std::vector<std::pair<TrueInstant, const TimelineEntry*>> strikes;
  for (const TimelineEntry& entry : plan.timeline) {
    for (const TrueInstant at : strikes_of(entry)) {
      strikes.emplace_back(at, &entry);
    }
  }
  std::stable_sort(strikes.begin(), strikes.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text;
  for (std::size_t i = 0; i < std::min(strikes.size(), kStrikesShown); ++i) {
    const auto& [at, entry] = strikes[i];
    text += fmt::format("  at {}: {}{} [{}]\n", quantity_text(at.time_since_epoch()),
                        fault_text(entry->fault),
                        entry->lasts ? " for " + quantity_text(*entry->lasts) : "", entry->id);
  }
  if (strikes.size() > kStrikesShown) {
    text += fmt::format("  ... and {} more strikes\n", strikes.size() - kStrikesShown);
  }
  return text;
}

std::string window_text(const Expectation& expectation) {
  switch (expectation.window) {
    case WindowKind::whole_run:
      return "";
    case WindowKind::after:
      return " after " + expectation.fault;
    case WindowKind::during:
      return " during " + expectation.fault;
  }
  return "";
}

std::string expectation_line(const Expectation& expectation) {
  return fmt::format("  {}: {}{}{}\n", to_string(expectation.kind), expectation.that,
                     window_text(expectation),
                     expectation.bound ? " " + to_text(*expectation.bound) : "");
}

}  // namespace

std::string plan_text(const Plan& plan) {
  std::string text = fmt::format("{}\n", plan.name);
  if (!plan.about.empty()) {
    text += plan.about + "\n";
  }
  text += fmt::format("seed {}, {} long\n\nsystem\n", plan.seed, quantity_text(plan.duration));
  text += zone_lines(plan) + control_plane_line(plan) + registry_line(plan) + identity_line(plan) +
          gate_line(plan);
  text += plan.gossip ? gossip_text(*plan.gossip) : "";
  for (const PlannedService& service : plan.services) {
    text += service_line(service, plan) + version_lines(service, plan) + label_lines(service, plan);
  }
  for (const proxy::RoutePolicy& policy : plan.policies) {
    text += policy_line(policy);
  }
  for (const Load& load : plan.loads) {
    text += load_line(load, plan);
  }
  text += replication_lines(plan);
  text += plan.timeline.empty() ? "" : "\ntimeline\n" + timeline_lines(plan);
  text += plan.expectations.empty() ? "" : "\nexpected\n";
  for (const Expectation& expectation : plan.expectations) {
    text += expectation_line(expectation);
  }
  return text;
}

}  // namespace windtunnel::chaos
