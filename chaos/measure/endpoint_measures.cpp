#include "chaos/measure/endpoint_measures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

/// What a fault did to the instances of services, as the registry saw it.
struct Loss {
  std::set<HostId> instances;  ///< That the fault struck.
  /// The first removal of each of them since, and before the next fault.
  std::map<HostId, const EndpointChangeRecord*> removals;
  /// When each of those was there again for the first time.
  std::map<HostId, const EndpointChangeRecord*> returns;
};

using Changes = std::map<HostId, const EndpointChangeRecord*>;

bool is_instance(const RunRecord& record, HostId host) {
  return std::ranges::any_of(record.services, [&](const ServiceRecord& service) {
    return std::ranges::binary_search(service.instances, host);
  });
}

Loss loss_by(const RunRecord& record, const FaultGroup& fault) {
  Loss loss;
  for (const FaultRecord& strike : fault.strikes) {
    for (const HostId host : strike.targets) {
      if (hits_its_targets(strike) && is_instance(record, host)) {
        loss.instances.insert(host);
      }
    }
  }
  for (const EndpointChangeRecord& change : record.endpoint_changes) {
    if (!fault.window.contains(change.at) || !loss.instances.contains(change.host)) {
      continue;
    }
    if (change.is_removed) {
      loss.removals.try_emplace(change.host, &change);
    } else if (loss.removals.contains(change.host)) {
      loss.returns.try_emplace(change.host, &change);
    }
  }
  return loss;
}

/// The last revision that changes an instance of each service.
std::map<std::string_view, std::uint64_t> revisions_needed(const Changes& changes) {
  std::map<std::string_view, std::uint64_t> needed;
  for (const auto& [host, change] : changes) {
    std::uint64_t& revision = needed[change->service];
    revision = std::max(revision, change->revision);
  }
  return needed;
}

/// What each proxy that calls one of the instances must hold to know of all the changes; those that
/// were struck themselves are left out.
std::map<HostId, std::uint64_t> revisions_by_proxy(const RunRecord& record, const Changes& changes,
                                                   const FaultGroup& fault) {
  const std::map<std::string_view, std::uint64_t> needed = revisions_needed(changes);
  std::set<HostId> struck;
  for (const FaultRecord& strike : fault.strikes) {
    struck.insert(strike.targets.begin(), strike.targets.end());
  }
  std::map<HostId, std::uint64_t> by_proxy;
  for (const ServiceRecord& service : record.services) {
    const auto revision = needed.find(service.name);
    for (const HostId proxy : service.callers) {
      if (revision != needed.end() && !struck.contains(proxy)) {
        std::uint64_t& needs = by_proxy[proxy];
        needs = std::max(needs, revision->second);
      }
    }
  }
  return by_proxy;
}

/// When each of the proxies first held what it needs, ascending; those that never did are missing.
std::vector<TrueInstant> told_at(const RunRecord& record,
                                 std::map<HostId, std::uint64_t> by_proxy) {
  std::vector<TrueInstant> times;
  for (const PolicyAppliedRecord& applied : record.policies_applied) {
    const auto proxy = by_proxy.find(applied.proxy);
    if (proxy != by_proxy.end() && applied.revision >= proxy->second) {
      times.push_back(applied.at);
      by_proxy.erase(proxy);
    }
  }
  return times;
}

MeasureValue not_removed(const RunRecord& record, const FaultGroup& fault, const Loss& loss) {
  const bool is_lost = (fault.kind == "crash" || fault.kind == "host_loss") && !fault.ended_at;
  if (is_lost && !loss.instances.empty()) {
    return censored("the registry still had what was lost when the run ended",
                    loss.instances.size(), Amount{record.ended_at - fault.injected_at});
  }
  return not_applicable("no instance left the registry");
}

/// Until `percent` of the proxies that call one of the instances know of all the changes.
MeasureValue spread(const RunRecord& record, const FaultGroup& fault, const Changes& changes,
                    TrueInstant from, std::size_t percent) {
  const std::map<HostId, std::uint64_t> by_proxy = revisions_by_proxy(record, changes, fault);
  if (by_proxy.empty()) {
    return not_applicable("nobody else calls what was lost");
  }
  const std::vector<TrueInstant> times = told_at(record, by_proxy);
  const std::size_t needed = (by_proxy.size() * percent + 99) / 100;
  if (times.size() < needed) {
    return censored(fmt::format("{} of {} proxies had been told when the run ended", times.size(),
                                by_proxy.size()),
                    by_proxy.size(), Amount{record.ended_at - from});
  }
  return measured(times[needed - 1] - from, by_proxy.size());
}

MeasureValue convergence(const RunRecord& record, const FaultGroup& fault, const Loss& loss,
                         std::size_t percent) {
  return spread(record, fault, loss.removals, fault.injected_at, percent);
}

/// From the end of the fault until that share of the proxies had back all that had been removed.
MeasureValue comeback(const RunRecord& record, const FaultGroup& fault, const Loss& loss,
                      std::size_t percent) {
  if (!fault.ended_at) {
    return not_applicable("no instance came back");
  }
  if (loss.returns.size() < loss.removals.size()) {
    return censored(fmt::format("{} of {} instances were back when the run ended",
                                loss.returns.size(), loss.removals.size()),
                    loss.removals.size(), Amount{record.ended_at - *fault.ended_at});
  }
  return spread(record, fault, loss.returns, *fault.ended_at, percent);
}

const EndpointChangeRecord& last_removal(const Loss& loss) {
  return *std::ranges::max_element(loss.removals, {}, [](const auto& removal) {
            return removal.second->revision;
          })->second;
}

MeasureValue expire(const FaultGroup& fault, const Loss& loss) {
  return measured(last_removal(loss).at - fault.injected_at, loss.removals.size());
}

/// From the removal of the last lost instance until the first node pushed a version without it.
MeasureValue debounce(const RunRecord& record, const Loss& loss) {
  const EndpointChangeRecord& last = last_removal(loss);
  const auto settled = std::ranges::find_if(record.policies_settled, [&](const auto& version) {
    return version.revision >= last.revision && version.at >= last.at;
  });
  if (settled == record.policies_settled.end()) {
    return censored("no node had settled on a version without what was lost", 1);
  }
  return measured(settled->at - last.at, 1);
}

MeasureValue push(const RunRecord& record, const FaultGroup& fault, const Loss& loss) {
  const MeasureValue whole = convergence(record, fault, loss, 100);
  const MeasureValue before = expire(fault, loss);
  const MeasureValue between = debounce(record, loss);
  if (whole.amount() == nullptr || between.amount() == nullptr) {
    return whole.amount() == nullptr ? whole : between;
  }
  const Duration length = std::get<Duration>(*whole.amount()) -
                          std::get<Duration>(*before.amount()) -
                          std::get<Duration>(*between.amount());
  // A proxy may be rid of the last one before another service's last one is.
  return measured(std::max(length, Duration::zero()), whole.n);
}

/// Requests made after the loss by proxies that still had a lost instance in use.
MeasureValue stale_requests(const RunRecord& record, const FaultGroup& fault, const Loss& loss) {
  const std::map<std::string_view, std::uint64_t> needed = revisions_needed(loss.removals);
  std::uint64_t asked = 0;
  std::uint64_t stale = 0;
  for (const ServiceRecord& service : record.services) {
    const auto revision = needed.find(service.name);
    if (revision == needed.end()) {
      continue;
    }
    for (const OperationRecord& request : service.requests) {
      const bool is_after = request.invoked_at >= fault.injected_at &&
                            request.outcome != OperationOutcome::unfinished;
      asked += is_after ? 1U : 0U;
      stale += is_after && request.policy < revision->second ? 1U : 0U;
    }
  }
  return asked == 0 ? no_evidence("no client asked a service that lost an instance")
                    : measured(Count{stale}, asked);
}

/// From the end of the fault until every instance that it struck was in the registry again.
MeasureValue enrolment(const RunRecord& record, const FaultGroup& fault, const Loss& loss) {
  if (loss.instances.empty() || !fault.ended_at) {
    return not_applicable("no instance came back");
  }
  std::map<HostId, TrueInstant> first;
  for (const EnrolmentRecord& enrolment : record.enrolments) {
    if (enrolment.at >= *fault.ended_at && loss.instances.contains(enrolment.host)) {
      first.try_emplace(enrolment.host, enrolment.at);
    }
  }
  if (first.empty()) {
    return not_applicable("no instance had to register again");
  }
  if (first.size() < loss.instances.size()) {
    return censored(fmt::format("{} of {} instances were registered again when the run ended",
                                first.size(), loss.instances.size()),
                    loss.instances.size(), Amount{record.ended_at - *fault.ended_at});
  }
  const auto last =
      std::ranges::max_element(first, {}, [](const auto& entry) { return entry.second; });
  return measured(last->second - *fault.ended_at, first.size());
}

}  // namespace

MeasureValue endpoint_measure(const RunRecord& record, std::string_view measure,
                              const FaultGroup& fault) {
  const Loss loss = loss_by(record, fault);
  if (measure == "endpoints.enrolment") {
    return enrolment(record, fault, loss);
  }
  if (loss.removals.empty()) {
    return not_removed(record, fault, loss);
  }
  if (measure == "endpoints.convergence.expire") {
    return expire(fault, loss);
  }
  if (measure == "endpoints.convergence.debounce") {
    return debounce(record, loss);
  }
  if (measure == "endpoints.convergence.push") {
    return push(record, fault, loss);
  }
  if (measure == "endpoints.stale_requests") {
    return stale_requests(record, fault, loss);
  }
  if (measure == "endpoints.return.p50" || measure == "endpoints.return.max") {
    return comeback(record, fault, loss, measure.ends_with("p50") ? 50 : 100);
  }
  constexpr std::array<std::pair<std::string_view, std::size_t>, 3> kShares{
      {{"endpoints.convergence.p50", 50},
       {"endpoints.convergence.p99", 99},
       {"endpoints.convergence.max", 100}}};
  const auto* const share =
      std::ranges::find(kShares, measure, [](const auto& candidate) { return candidate.first; });
  check(share != kShares.end(), "this measure of endpoints is in the catalogue only");
  return convergence(record, fault, loss, share->second);
}

}  // namespace windtunnel::chaos
