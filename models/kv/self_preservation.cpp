#include "models/kv/self_preservation.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::kv {

SelfPreservation::SelfPreservation(SelfPreservationOptions options, Instant now)
    : options_(options), window_began_(now) {
  check(options_.threshold_permille < 1000, "some leases must be allowed to expire");
  check(options_.window >= options_.renewal_interval, "a window sees a renewal of each lease");
}

void SelfPreservation::roll(Instant now) {
  const std::int64_t passed = (now - window_began_) / options_.window;
  if (passed > 0) {
    last_window_ = passed == 1 ? counting_ : 0;
    counting_ = 0;
    window_began_ += passed * options_.window;
    windows_ += passed;
  }
}

void SelfPreservation::renewed(Instant now) {
  roll(now);
  ++counting_;
}

bool SelfPreservation::may_expire(Instant now, std::size_t leases) {
  roll(now);
  // During the first window the leases, or their clients' knowledge of this leader, were still to
  // come.
  if (windows_ < 2) {
    return true;
  }
  const auto per_lease = static_cast<std::uint64_t>(options_.window / options_.renewal_interval);
  const std::uint64_t threshold = leases * per_lease * options_.threshold_permille;
  if (last_window_ * 1000 >= threshold) {
    since_.reset();
    return true;
  }
  if (!since_) {
    since_ = now;
  }
  return now >= instant_after(*since_, options_.lasts_max);
}

std::size_t SelfPreservation::evictions_max(std::size_t leases) const {
  const std::size_t kept = leases * options_.threshold_permille / 1000;
  return std::max<std::size_t>(leases - kept, 1);
}

}  // namespace windtunnel::kv
