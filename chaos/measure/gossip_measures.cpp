#include "chaos/measure/gossip_measures.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

bool stops_hosts(const FaultRecord& strike) {
  return strike.kind == "crash" || strike.kind == "host_loss" || strike.kind == "pause";
}

bool is_down(const RunRecord& record, HostId host, TrueInstant at) {
  return std::ranges::any_of(record.faults, [&](const FaultRecord& strike) {
    return stops_hosts(strike) && strike.injected_at <= at &&
           (!strike.ended_at || at < *strike.ended_at) &&
           std::ranges::find(strike.targets, host) != strike.targets.end();
  });
}

bool is_member(const RunRecord& record, HostId host) {
  return std::ranges::binary_search(record.gossip_members, host);
}

/// The members that the fault stopped.
std::set<HostId> stopped_by(const RunRecord& record, const FaultGroup& fault) {
  std::set<HostId> stopped;
  for (const FaultRecord& strike : fault.strikes) {
    for (const HostId host : strike.targets) {
      if (stops_hosts(strike) && is_member(record, host)) {
        stopped.insert(host);
      }
    }
  }
  return stopped;
}

/// When each other member found each of those that are gone, ascending.
std::vector<TrueInstant> found_at(const RunRecord& record, const FaultGroup& fault,
                                  const std::set<HostId>& stopped) {
  std::vector<TrueInstant> times;
  std::set<std::pair<HostId, HostId>> found;
  for (const MembershipRecord& change : record.membership) {
    if (!change.is_alive && fault.window.contains(change.at) && stopped.contains(change.member) &&
        !stopped.contains(change.observer) &&
        found.emplace(change.observer, change.member).second) {
      times.push_back(change.at);
    }
  }
  return times;
}

}  // namespace

MeasureValue gossip_measure(const RunRecord& record, std::string_view measure,
                            const FaultGroup& fault) {
  if (record.gossip_members.empty()) {
    return not_applicable("nobody gossips");
  }
  if (measure == "gossip.false_deaths") {
    return false_deaths(record, fault.window);
  }
  const std::set<HostId> stopped = stopped_by(record, fault);
  const std::size_t pairs = stopped.size() * (record.gossip_members.size() - stopped.size());
  if (pairs == 0) {
    return not_applicable("no member was stopped, or there is nobody to notice");
  }
  constexpr std::array<std::pair<std::string_view, std::size_t>, 4> kShares{
      {{"gossip.detection.first", 0},
       {"gossip.detection.p50", 50},
       {"gossip.detection.p99", 99},
       {"gossip.detection.max", 100}}};
  const auto* const share =
      std::ranges::find(kShares, measure, [](const auto& candidate) { return candidate.first; });
  check(share != kShares.end(), "this measure of gossip is in the catalogue only");
  const std::vector<TrueInstant> times = found_at(record, fault, stopped);
  const std::size_t needed = std::max<std::size_t>((pairs * share->second + 99) / 100, 1);
  if (times.size() < needed) {
    return censored(fmt::format("{} of {} members had found it out when the run ended or the next "
                                "fault came",
                                times.size(), pairs),
                    pairs, Amount{fault.window.to - fault.injected_at});
  }
  return measured(times[needed - 1] - fault.injected_at, pairs);
}

MeasureValue false_deaths(const RunRecord& record, const TimeWindow& window) {
  if (record.gossip_members.empty()) {
    return not_applicable("nobody gossips");
  }
  const auto wrong = std::ranges::count_if(record.membership, [&](const MembershipRecord& change) {
    return !change.is_alive && window.contains(change.at) &&
           !is_down(record, change.member, change.at);
  });
  return measured(Count{static_cast<std::uint64_t>(wrong)}, record.gossip_members.size());
}

}  // namespace windtunnel::chaos
