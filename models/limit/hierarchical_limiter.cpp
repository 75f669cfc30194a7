#include "models/limit/hierarchical_limiter.hpp"

namespace windtunnel::limit {

LevelId HierarchicalLimiter::add(std::optional<LevelId> parent, Rate rate, std::uint32_t burst,
                                 Instant now) {
  check(!parent || parent->value() < levels_.size(), "a parent is added before its children");
  levels_.push_back({parent, TokenBucket{rate, burst, now}});
  return LevelId{static_cast<std::uint32_t>(levels_.size() - 1)};
}

const TokenBucket& HierarchicalLimiter::bucket(LevelId level) const {
  check(level.value() < levels_.size(), "a level is known");
  return levels_[level.value()].bucket;
}

void HierarchicalLimiter::reconfigure(Instant now, LevelId level, Rate rate, std::uint32_t burst) {
  check(level.value() < levels_.size(), "a level is known");
  levels_[level.value()].bucket.reconfigure(now, rate, burst);
}

HierarchicalDecision HierarchicalLimiter::admit(Instant now, LevelId level, std::uint32_t n) {
  HierarchicalDecision worst{.decision = Decision::pass(), .refused_by = std::nullopt};
  for (std::optional<LevelId> at = level; at; at = levels_[at->value()].parent) {
    const Decision decision = bucket(*at).peek(now, n);
    if (!decision.admitted && decision.retry_after > worst.decision.retry_after) {
      worst = {decision, at};
    }
  }
  if (!worst.decision.admitted) {
    return worst;
  }
  for (std::optional<LevelId> at = level; at; at = levels_[at->value()].parent) {
    const Decision taken = levels_[at->value()].bucket.admit(now, n);
    check(taken.admitted, "a level admits what it said it would");
  }
  return worst;
}

}  // namespace windtunnel::limit
