#include "chaos/measure/fault_group.hpp"

#include <algorithm>

#include "chaos/measure/amount.hpp"

namespace windtunnel::chaos {

namespace {

std::vector<FaultRecord> strikes_in_time_order(const RunRecord& record) {
  std::vector<FaultRecord> strikes = record.faults;
  std::ranges::stable_sort(strikes, {}, &FaultRecord::injected_at);
  return strikes;
}

FaultGroup opened_by(const FaultRecord& strike) {
  FaultGroup group;
  group.id = strike.id;
  group.kind = strike.kind;
  group.detail = strike.detail;
  group.injected_at = strike.injected_at;
  return group;
}

void settle(FaultGroup& group) {
  bool all_ended = true;
  for (const FaultRecord& strike : group.strikes) {
    group.touched += strike.touched;
    if (strike.effective_at &&
        (!group.effective_at || *strike.effective_at < *group.effective_at)) {
      group.effective_at = strike.effective_at;
    }
    all_ended = all_ended && strike.ended_at.has_value();
    if (strike.ended_at && (!group.ended_at || *strike.ended_at > *group.ended_at)) {
      group.ended_at = strike.ended_at;
    }
  }
  if (!all_ended) {
    group.ended_at.reset();
  }
}

/// Groups struck at one instant share their window: neither can be told from the other.
void bound_windows(std::vector<FaultGroup>& groups, TrueInstant end_of_run) {
  TrueInstant next = end_of_run;
  for (std::size_t i = groups.size(); i-- > 0;) {
    const bool shared = i + 1 < groups.size() && groups[i + 1].injected_at == groups[i].injected_at;
    const TrueInstant to = shared ? groups[i + 1].window.to : next;
    groups[i].window = {.from = groups[i].injected_at, .to = std::max(to, groups[i].injected_at)};
    next = groups[i].injected_at;
  }
  for (std::size_t i = 1; i < groups.size(); ++i) {
    const bool shared = groups[i - 1].injected_at == groups[i].injected_at;
    groups[i].preceded_at = shared ? groups[i - 1].preceded_at : groups[i - 1].injected_at;
  }
}

}  // namespace

std::vector<FaultGroup> fault_groups(const RunRecord& record) {
  std::vector<FaultGroup> groups;
  for (const FaultRecord& strike : strikes_in_time_order(record)) {
    auto group = std::ranges::find(groups, strike.id, &FaultGroup::id);
    if (group == groups.end()) {
      group = groups.insert(groups.end(), opened_by(strike));
    }
    group->strikes.push_back(strike);
  }
  std::ranges::for_each(groups, settle);
  bound_windows(groups, record.ended_at);
  return groups;
}

std::string to_text(const TimeWindow& window) {
  return amount_text(window.from.time_since_epoch()) + " … " +
         amount_text(window.to.time_since_epoch());
}

}  // namespace windtunnel::chaos
