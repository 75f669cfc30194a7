#include "chaos/measure/policy_measures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "chaos/measure/operations_by_time.hpp"
#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

const PolicyChangeRecord* find_change(const RunRecord& record, std::string_view id) {
  const auto found = std::ranges::find(record.policy_changes, id, &PolicyChangeRecord::id);
  return found == record.policy_changes.end() ? nullptr : &*found;
}

/// When each proxy first held a version that brings the change. Versions only rise.
std::vector<TrueInstant> applied_at(const RunRecord& record, const PolicyChangeRecord& change) {
  std::map<HostId, TrueInstant> first;
  for (const PolicyAppliedRecord& applied : record.policies_applied) {
    if (applied.revision >= change.revision && applied.at >= change.asked_at) {
      first.try_emplace(applied.proxy, applied.at);
    }
  }
  std::vector<TrueInstant> times;
  for (const auto& [proxy, at] : first) {
    times.push_back(at);
  }
  std::ranges::sort(times);
  return times;
}

MeasureValue not_committed(const RunRecord& record, const PolicyChangeRecord& change) {
  return censored("the change was not committed", 0, Amount{record.ended_at - change.asked_at});
}

/// Until `percent` of the proxies that the run has enforce the change.
MeasureValue convergence(const RunRecord& record, const PolicyChangeRecord& change,
                         std::size_t percent) {
  const std::vector<TrueInstant> times = applied_at(record, change);
  const std::size_t needed = (record.proxies * percent + 99) / 100;
  if (record.proxies == 0) {
    return no_evidence("the scenario has no proxies");
  }
  if (times.size() < needed) {
    return censored(fmt::format("{} of {} proxies held the change when the run ended", times.size(),
                                record.proxies),
                    record.proxies, Amount{record.ended_at - *change.committed_at});
  }
  // A proxy may hold the change before its writer is told.
  return measured(std::max(times[needed - 1] - *change.committed_at, Duration::zero()),
                  record.proxies);
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

/// From the end of the debounce until the last proxy held the change.
MeasureValue push(const RunRecord& record, const PolicyChangeRecord& change) {
  const MeasureValue whole = convergence(record, change, 100);
  const MeasureValue before = debounce(record, change);
  if (whole.amount() == nullptr || before.amount() == nullptr) {
    return whole.amount() == nullptr ? whole : before;
  }
  const Duration length =
      std::get<Duration>(*whole.amount()) - std::get<Duration>(*before.amount());
  return measured(std::max(length, Duration::zero()), whole.n);
}

/// Requests that were due after the commit and made by a proxy that did not hold the change yet.
MeasureValue stale_requests(const RunRecord& record, const PolicyChangeRecord& change) {
  std::uint64_t asked = 0;
  std::uint64_t stale = 0;
  for (const ServiceRecord& service : record.services) {
    for (const OperationRecord& request : service.requests) {
      const bool is_after = request.invoked_at >= *change.committed_at &&
                            request.outcome != OperationOutcome::unfinished;
      asked += is_after ? 1U : 0U;
      stale += is_after && request.policy < change.revision ? 1U : 0U;
    }
  }
  if (asked == 0) {
    return no_evidence("no request was made after the commit");
  }
  return measured(Count{stale}, asked);
}

}  // namespace

MeasureValue policy_measure(const RunRecord& record, std::string_view measure,
                            std::string_view id) {
  const PolicyChangeRecord* const change = find_change(record, id);
  if (change == nullptr) {
    return not_applicable("no policy was changed");
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
    return stale_requests(record, *change);
  }
  if (measure == "policy.convergence.push") {
    return push(record, *change);
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
