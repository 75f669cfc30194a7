#include "models/replica/hybrid_clock.hpp"

#include <algorithm>
#include <limits>

#include "runtime/check.hpp"

namespace windtunnel::replica {

namespace {

/// At least one above each of those that have the same wall time.
std::uint32_t above(std::uint32_t logical) {
  check(logical < std::numeric_limits<std::uint32_t>::max(), "a hybrid clock has events to count");
  return logical + 1;
}

}  // namespace

HybridTime HybridClock::stamp(WallInstant now) {
  const WallInstant wall = std::max(latest_.wall, now);
  const std::uint32_t logical = wall == latest_.wall ? above(latest_.logical) : 0;
  latest_ = {wall, logical};
  return latest_;
}

std::optional<HybridTime> HybridClock::receive(WallInstant now, const HybridTime& remote) {
  if (remote.wall > now && remote.wall - now > ahead_max_) {
    return std::nullopt;
  }
  const WallInstant wall = std::max({latest_.wall, remote.wall, now});
  std::uint32_t logical = 0;
  if (wall == latest_.wall) {
    logical = above(latest_.logical);
  }
  if (wall == remote.wall) {
    logical = std::max(logical, above(remote.logical));
  }
  latest_ = {wall, logical};
  return latest_;
}

void HybridClock::restore(const HybridTime& before) {
  latest_ = std::max(latest_, before);
}

}  // namespace windtunnel::replica
