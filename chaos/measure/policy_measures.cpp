#include "chaos/measure/policy_measures.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "chaos/measure/operations_by_time.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

/// The first strike of a repeated change is what is measured: that is when its group begins to
/// alter behaviour, and a later one may bring what is in force.
const PolicyChangeRecord* find_change(const RunRecord& record, std::string_view id) {
  const auto found = std::ranges::find(record.policy_changes, id, &PolicyChangeRecord::id);
  return found == record.policy_changes.end() ? nullptr : &*found;
}

/// How many proxies the change concerns.
std::size_t concerned(const RunRecord& record, const PolicyChangeRecord& change) {
  return change.proxies ? change.proxies->size() : record.proxies;
}

bool concerns(const PolicyChangeRecord& change, HostId proxy) {
  return !change.proxies || std::ranges::binary_search(*change.proxies, proxy);
}

/// When each of these first held a version that brings the change, in order of time. Versions only
/// rise.
std::vector<PolicyAppliedRecord> first_applied(const RunRecord& record,
                                               const PolicyChangeRecord& change) {
  std::set<HostId> seen;
  std::vector<PolicyAppliedRecord> first;
  for (const PolicyAppliedRecord& applied : record.policies_applied) {
    if (applied.revision >= change.revision && applied.at >= change.asked_at &&
        concerns(change, applied.proxy) && seen.insert(applied.proxy).second) {
      first.push_back(applied);
    }
  }
  return first;
}

MeasureValue not_committed(const RunRecord& record, const PolicyChangeRecord& change) {
  const auto strikes =
      std::ranges::count(record.policy_changes, change.id, &PolicyChangeRecord::id);
  return censored(strikes > 1 ? fmt::format("the first of {} changes was not committed", strikes)
                              : std::string{"the change was not committed"},
                  0, Amount{record.ended_at - change.asked_at});
}

/// Until `percent` of the proxies that the run has enforce the change.
MeasureValue convergence(const RunRecord& record, const PolicyChangeRecord& change,
                         std::size_t percent) {
  const std::vector<PolicyAppliedRecord> first = first_applied(record, change);
  const std::size_t proxies = concerned(record, change);
  const std::size_t needed = (proxies * percent + 99) / 100;
  if (proxies == 0) {
    return no_evidence("no proxy is concerned");
  }
  if (first.size() < needed) {
    return censored(
        fmt::format("{} of {} proxies held the change when the run ended", first.size(), proxies),
        proxies, Amount{record.ended_at - *change.committed_at});
  }
  // A proxy may hold the change before its writer is told.
  return measured(std::max(first[needed - 1].at - *change.committed_at, Duration::zero()), proxies);
}

MeasureValue debounce(const RunRecord& record, const PolicyChangeRecord& change) {
  const auto settled = std::ranges::find_if(record.policies_settled, [&](const auto& version) {
    return version.revision >= change.revision;
  });
  if (settled == record.policies_settled.end()) {
    return censored("no node had settled on a version with the change", 1);
  }
  return measured(std::max(settled->at - *change.committed_at, Duration::zero()), 1);
}

/// What the last proxy took to put the change into effect after it had come.
MeasureValue apply(const RunRecord& record, const PolicyChangeRecord& change) {
  const MeasureValue whole = convergence(record, change, 100);
  if (whole.amount() == nullptr) {
    return whole;
  }
  const PolicyAppliedRecord last = first_applied(record, change).back();
  const auto received = std::ranges::find_if(record.policies_received, [&](const auto& version) {
    return version.proxy == last.proxy && version.revision == last.revision;
  });
  const bool takes_time = received != record.policies_received.end();
  return measured(takes_time ? last.at - received->at : Duration::zero(), 1);
}

/// From the end of the debounce until the last proxy had the change before it.
MeasureValue push(const RunRecord& record, const PolicyChangeRecord& change) {
  const MeasureValue whole = convergence(record, change, 100);
  const MeasureValue before = debounce(record, change);
  const MeasureValue behind = apply(record, change);
  if (whole.amount() == nullptr || before.amount() == nullptr) {
    return whole.amount() == nullptr ? whole : before;
  }
  const Duration length = std::get<Duration>(*whole.amount()) -
                          std::get<Duration>(*before.amount()) -
                          std::get<Duration>(*behind.amount());
  return measured(std::max(length, Duration::zero()), whole.n);
}

/// The pushes from the change until the last proxy enforced it, or until the run's end; what
/// `weight` makes of each is added up.
template <typename Weight>
MeasureValue total_of_pushes(const RunRecord& record, const PolicyChangeRecord& change,
                             const Weight& weight) {
  const std::vector<PolicyAppliedRecord> first = first_applied(record, change);
  const bool is_everywhere = first.size() >= concerned(record, change) && !first.empty();
  const TrueInstant end = is_everywhere ? first.back().at : record.ended_at;
  std::uint64_t pushes = 0;
  Count total = 0;
  for (const PushRecord& push : record.pushes) {
    const bool counts = push.at >= change.asked_at && push.at <= end;
    pushes += counts ? 1U : 0U;
    total += counts ? weight(push) : 0U;
  }
  return measured(total, pushes);
}

/// Requests that were due after the commit, on a route that it changes, and made by a proxy that
/// did not hold the change yet.
struct StaleRequests {
  std::uint64_t asked = 0;
  std::uint64_t stale = 0;
  const OperationRecord* last = nullptr;
};

StaleRequests find_stale(const RunRecord& record, const PolicyChangeRecord& change) {
  StaleRequests found;
  for (const ServiceRecord& service : record.services) {
    if (!change.callees.empty() && std::ranges::count(change.callees, service.name) == 0) {
      continue;
    }
    for (const OperationRecord& request : service.requests) {
      const bool is_after = request.invoked_at >= *change.committed_at &&
                            request.outcome != OperationOutcome::unfinished;
      const bool is_stale =
          is_after && request.policy < change.revision && concerns(change, request.client);
      found.asked += is_after ? 1U : 0U;
      found.stale += is_stale ? 1U : 0U;
      if (is_stale && (found.last == nullptr || request.invoked_at > found.last->invoked_at)) {
        found.last = &request;
      }
    }
  }
  return found;
}

MeasureValue stale_requests(const StaleRequests& found) {
  if (found.asked == 0) {
    return no_evidence("no request was made after the commit");
  }
  return measured(Count{found.stale}, found.asked);
}

/// Zero where there was none. Censored where the proxy that made it never held the change: it would
/// have gone on.
MeasureValue last_stale_request(const RunRecord& record, const PolicyChangeRecord& change,
                                const StaleRequests& found) {
  if (found.last == nullptr) {
    return found.asked == 0 ? stale_requests(found) : measured(Duration::zero(), found.asked);
  }
  const Duration after = found.last->invoked_at - *change.committed_at;
  const bool ended = std::ranges::any_of(record.policies_applied, [&](const auto& applied) {
    return applied.proxy == found.last->client && applied.revision >= change.revision;
  });
  return ended ? measured(after, found.asked)
               : censored("its proxy did not hold the change when the run ended", found.asked,
                          Amount{after});
}

}  // namespace

MeasureValue policy_measure(const RunRecord& record, std::string_view measure,
                            std::string_view id) {
  const PolicyChangeRecord* const change = find_change(record, id);
  if (change == nullptr) {
    return not_applicable("no policy was changed");
  }
  if (change->denied) {
    return not_applicable("the gate denied it: " + *change->denied);
  }
  if (!change->committed_at) {
    return not_committed(record, *change);
  }
  if (measure == "policy.convergence.commit") {
    return measured(*change->committed_at - change->asked_at, 1);
  }
  if (measure == "policy.convergence.debounce") {
    return debounce(record, *change);
  }
  if (measure == "policy.stale_requests") {
    return stale_requests(find_stale(record, *change));
  }
  if (measure == "policy.stale_requests.last") {
    return last_stale_request(record, *change, find_stale(record, *change));
  }
  if (measure == "policy.convergence.push") {
    return push(record, *change);
  }
  if (measure == "policy.convergence.apply") {
    return apply(record, *change);
  }
  if (measure == "policy.pushes") {
    return total_of_pushes(record, *change, [](const PushRecord&) { return Count{1}; });
  }
  if (measure == "policy.pushed_bytes") {
    return total_of_pushes(record, *change, [](const PushRecord& push) { return push.bytes; });
  }
  constexpr std::array<std::pair<std::string_view, std::size_t>, 3> kShares{
      {{"policy.convergence.p50", 50},
       {"policy.convergence.p99", 99},
       {"policy.convergence.max", 100}}};
  const auto* const share =
      std::ranges::find(kShares, measure, [](const auto& candidate) { return candidate.first; });
  check(share != kShares.end(), "this measure of policies is in the catalogue only");
  return convergence(record, *change, share->second);
}

}  // namespace windtunnel::chaos
