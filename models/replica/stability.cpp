#include "models/replica/stability.hpp"

#include <algorithm>

namespace windtunnel::replica {

void Stability::report(ReplicaId from, const CausalContext& seen, const HybridTime& clock) {
  Report& report = reports_[from.value()];
  if (seen.covers(report.seen)) {
    report = {seen, std::max(report.clock, clock)};
  }
}

bool Stability::is_everywhere(const Dot& dot) const {
  for (std::uint32_t i = 0; i < reports_.size(); ++i) {
    if (ReplicaId{i} != self_ && !reports_[i].seen.contains(dot)) {
      return false;
    }
  }
  return true;
}

bool Stability::is_stable(const Register& tombstone, const CausalContext& seen_here,
                          const HybridTime& clock_here) const {
  if (clock_here < tombstone.time) {
    return false;
  }
  for (std::uint32_t i = 0; i < reports_.size(); ++i) {
    const ReplicaId other{i};
    const Report& report = reports_[i];
    if (other == self_) {
      continue;
    }
    const bool has_seen = report.seen.contains(tombstone.dot) && report.clock > tombstone.time;
    const bool has_arrived = seen_here.prefix_of(other) >= report.seen.last_of(other);
    if (!has_seen || !has_arrived) {
      return false;
    }
  }
  return true;
}

}  // namespace windtunnel::replica
