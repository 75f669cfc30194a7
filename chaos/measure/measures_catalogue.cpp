#include "chaos/measure/measures_catalogue.hpp"

#include <algorithm>
#include <array>

namespace windtunnel::chaos {

namespace {

constexpr std::array catalogue{
    MeasureInfo{.name = "fault.injected_at",
                .about = "When the fault first struck, since the start of the run.",
                .expectable = false},
    MeasureInfo{.name = "fault.effective_at",
                .about = "When the fault first touched a message or an operation.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.recovery_time",
                .about = "From the fault until operations are good again and stay good."},
    MeasureInfo{.name = "control_plane.recovery_time.detect",
                .about = "Part of the recovery time: until a host began to campaign.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.recovery_time.elect",
                .about = "Part of the recovery time: from there until a leader was elected.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.recovery_time.propagate",
                .about = "Part of the recovery time: from there until the new leader committed.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.recovery_time.reconnect",
                .about = "Part of the recovery time: from there until a new operation succeeded.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.recovery_time.sustain",
                .about = "Part of the recovery time: from there until successes were sustained.",
                .expectable = false},
    MeasureInfo{.name = "control_plane.detection_time",
                .about = "From the fault until a host began to campaign."},
    MeasureInfo{.name = "control_plane.election_time",
                .about = "From the first candidacy until a leader was elected."},
    MeasureInfo{.name = "control_plane.leaderless",
                .about = "From the last commit of the old term to the first of a new one."},
    MeasureInfo{.name = "control_plane.first_success",
                .about = "From the fault until an operation invoked after it succeeded."},
    MeasureInfo{.name = "control_plane.terms_advanced",
                .unit = Unit::count,
                .about = "Terms that the fault cost."},
    MeasureInfo{.name = "control_plane.split_votes",
                .unit = Unit::count,
                .about = "Terms with two or more candidates and no leader."},
    MeasureInfo{.name = "control_plane.outage",
                .about = "From the start of the first bad operation to the end of the last one.",
                .windowed = true},
    MeasureInfo{.name = "control_plane.outage.worst_client",
                .about = "The longest outage that a single client saw.",
                .windowed = true},
    MeasureInfo{.name = "control_plane.max_op_latency",
                .about = "The longest time that any operation took, however it ended.",
                .windowed = true},
    MeasureInfo{.name = "control_plane.availability",
                .unit = Unit::ratio,
                .about = "Share of the operations that succeeded.",
                .windowed = true,
                .whole_run = true,
                .worse = Worse::lower},
    MeasureInfo{.name = "control_plane.write_latency.p50",
                .about = "Median latency of the successful writes.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "control_plane.write_latency.p99",
                .about = "99th percentile of the latency of the successful writes.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "control_plane.write_latency.max",
                .about = "Largest latency of the successful writes.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "control_plane.indeterminate",
                .unit = Unit::count,
                .about = "Operations whose client never learned whether they took effect.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "control_plane.indeterminate_visible",
                .unit = Unit::count,
                .about = "Indeterminate writes that the final reads found.",
                .expectable = false,
                .per_fault = false,
                .whole_run = true},
    MeasureInfo{.name = "control_plane.lost_acked",
                .unit = Unit::count,
                .about = "Acknowledged writes that the final reads did not find.",
                .whole_run = true},
    MeasureInfo{.name = "control_plane.rpo_time",
                .about = "From the acknowledgement of the oldest lost write to the fault."},
    MeasureInfo{.name = "policy.convergence.p50",
                .about = "From the commit of a policy until half of the proxies enforced it."},
    MeasureInfo{.name = "policy.convergence.p99",
                .about = "From the commit of a policy until 99 % of the proxies enforced it."},
    MeasureInfo{.name = "policy.convergence.max",
                .about = "From the commit of a policy until every proxy enforced it."},
    MeasureInfo{.name = "policy.convergence.commit",
                .about = "From the change of a policy until it was committed."},
    MeasureInfo{.name = "policy.convergence.debounce",
                .about = "From there until the first node pushed a version with it."},
    MeasureInfo{.name = "policy.convergence.push",
                .about = "From there until the last proxy had it."},
    MeasureInfo{.name = "policy.convergence.apply",
                .about = "From there until that proxy enforced it."},
    MeasureInfo{.name = "policy.pushes",
                .unit = Unit::count,
                .about = "Pushes sent from the change of a policy until every proxy enforced it."},
    MeasureInfo{.name = "policy.pushed_bytes",
                .unit = Unit::count,
                .about = "Bytes of the updates in these pushes."},
    MeasureInfo{.name = "policy.stale_requests",
                .unit = Unit::count,
                .about = "Requests made after the commit of a policy under an older one."},
    MeasureInfo{.name = "policy.stale_requests.last",
                .about = "From the commit of a policy until the last request under an older one."},
    MeasureInfo{.name = "endpoints.convergence.p50",
                .about = "From the loss of instances until half of the proxies that call them had "
                         "dropped them all."},
    MeasureInfo{.name = "endpoints.convergence.p99",
                .about = "From the loss of instances until 99 % of these proxies had."},
    MeasureInfo{.name = "endpoints.convergence.max",
                .about = "From the loss of instances until all of these proxies had."},
    MeasureInfo{.name = "endpoints.convergence.expire",
                .about = "From the loss of instances until the registry had none of them."},
    MeasureInfo{.name = "endpoints.convergence.debounce",
                .about = "From there until the first node pushed a version without them."},
    MeasureInfo{.name = "endpoints.convergence.push",
                .about = "From there until the last of these proxies had dropped them."},
    MeasureInfo{.name = "endpoints.stale_requests",
                .unit = Unit::count,
                .about = "Requests made after the loss by proxies that still used what was lost."},
    MeasureInfo{.name = "endpoints.enrolment",
                .about = "From the end of a fault until all instances that it struck were "
                         "registered again."},
    MeasureInfo{.name = "endpoints.return.p50",
                .about =
                    "From the end of a fault until half of the proxies that call what had been "
                    "removed had all of it back."},
    MeasureInfo{.name = "endpoints.return.max",
                .about = "From the end of a fault until all of these proxies had."},
    MeasureInfo{.name = "rollout.promoted",
                .unit = Unit::count,
                .about = "1 where the rollout ended with everything at the new version, else 0."},
    MeasureInfo{.name = "rollout.aborted",
                .unit = Unit::count,
                .about = "1 where the rollout ended with nothing at the new version, else 0."},
    MeasureInfo{.name = "rollout.paused",
                .unit = Unit::count,
                .about = "1 where the rollout was left for a human to decide, else 0."},
    MeasureInfo{.name = "rollout.duration",
                .about = "From the request for a rollout until it ended."},
    MeasureInfo{.name = "rollout.exposed_requests",
                .unit = Unit::count,
                .about = "Requests that went to the new version, but after its promotion."},
    MeasureInfo{.name = "rollout.exposed_share",
                .unit = Unit::ratio,
                .about = "Share of the requests that went to it in the meantime."},
    MeasureInfo{.name = "gate.denied",
                .unit = Unit::count,
                .about = "Changes that the gate did not let through.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "gate.staleness",
                .about = "The oldest that a bundle was when the gate decided by it.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "gate.refused_bundles",
                .unit = Unit::count,
                .about = "Times that a gate refused a bundle and kept the one it had.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "identity.handshake_failures",
                .unit = Unit::count,
                .about = "Handshakes in which one side refused the other's certificate.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "identity.expired",
                .unit = Unit::count,
                .about = "Certificates that ran out before their proxies had others.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "rotation.convergence",
                .about = "From the request for another root until the rotation was over."},
    MeasureInfo{.name = "rotation.convergence.add",
                .about = "Part of it: the step after which every proxy trusts the new root."},
    MeasureInfo{.name = "rotation.convergence.switch",
                .about = "Part of it: the step after which no proxy shows the old root's "
                         "certificates."},
    MeasureInfo{.name = "rotation.convergence.drop",
                .about = "Part of it: the step after which no proxy trusts the old root."},
    MeasureInfo{.name = "run.messages",
                .unit = Unit::count,
                .about = "Messages that the hosts sent.",
                .expectable = false,
                .per_fault = false,
                .whole_run = true},
    MeasureInfo{.name = "run.events",
                .unit = Unit::count,
                .about = "Events that the world ran.",
                .expectable = false,
                .per_fault = false,
                .whole_run = true},
};

constexpr std::array service_catalogue{
    MeasureInfo{.name = "recovery_time",
                .about = "From the fault until requests are good again and stay good."},
    MeasureInfo{.name = "first_success",
                .about = "From the fault until a request made after it succeeded."},
    MeasureInfo{.name = "outage",
                .about = "From the start of the first bad request to the end of the last one.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "max_op_latency",
                .about = "The longest time that any request took, however it ended.",
                .windowed = true},
    MeasureInfo{.name = "availability",
                .unit = Unit::ratio,
                .about = "Share of the requests that succeeded.",
                .windowed = true,
                .whole_run = true,
                .worse = Worse::lower},
    MeasureInfo{.name = "latency.p50",
                .about = "Median latency of the successful requests.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "latency.p99",
                .about = "99th percentile of the latency of the successful requests.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "latency.max",
                .about = "Largest latency of the successful requests.",
                .windowed = true,
                .whole_run = true},
    MeasureInfo{.name = "attempts",
                .unit = Unit::ratio,
                .about = "Attempts per request.",
                .windowed = true,
                .whole_run = true,
                .beyond_whole = true},
    MeasureInfo{.name = "balance",
                .unit = Unit::ratio,
                .about = "Largest share of the requests over the fair share of an instance.",
                .windowed = true,
                .whole_run = true,
                .beyond_whole = true},
    MeasureInfo{.name = "balance.jain",
                .unit = Unit::ratio,
                .about = "Jain's fairness index of the requests over the instances.",
                .windowed = true,
                .whole_run = true,
                .worse = Worse::lower},
    MeasureInfo{.name = "balance_convergence",
                .about = "From the fault until requests are spread evenly and stay so."},
    MeasureInfo{.name = "reversion",
                .about = "From the fault's end until requests are spread as before it."},
    MeasureInfo{.name = "reversion.outage",
                .about = "Outage among the requests after the fault's end."},
};

constexpr std::array<std::string_view, 1> invariants{"raft.safety"};

}  // namespace

std::span<const MeasureInfo> measure_catalogue() {
  return catalogue;
}

std::span<const MeasureInfo> service_measure_catalogue() {
  return service_catalogue;
}

std::optional<ServiceMeasureName> find_service_measure(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos || dot == 0 ||
      std::ranges::find(catalogue, name, &MeasureInfo::name) != catalogue.end()) {
    return std::nullopt;
  }
  const auto* const found =
      std::ranges::find(service_catalogue, name.substr(dot + 1), &MeasureInfo::name);
  if (found == service_catalogue.end()) {
    return std::nullopt;
  }
  return ServiceMeasureName{name.substr(0, dot), found};
}

const MeasureInfo* find_measure(std::string_view name) {
  const auto* const found = std::ranges::find(catalogue, name, &MeasureInfo::name);
  if (found != catalogue.end()) {
    return found;
  }
  const std::optional<ServiceMeasureName> of_service = find_service_measure(name);
  return of_service ? of_service->info : nullptr;
}

std::span<const std::string_view> invariant_catalogue() {
  return invariants;
}

}  // namespace windtunnel::chaos
