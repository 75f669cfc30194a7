// One host's clock in a swarm: an offset, and a rate that differs from true time.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::limit {

struct SkewedClock {
  static constexpr std::int64_t kMillion = 1'000'000;

  std::int64_t offset = 0;
  std::int64_t rate = kMillion;  ///< Nanoseconds that it counts in a million.

  [[nodiscard]] Instant read(TrueInstant now) const {
    const std::int64_t time = nanoseconds_of(now);
    return instant_at<Instant>(offset + time / kMillion * rate + time % kMillion * rate / kMillion);
  }
  /// A true time, at most a tick early, at which it reads `local`.
  [[nodiscard]] TrueInstant when(Instant local) const {
    const std::int64_t ticks = nanoseconds_of(local) - offset;
    return instant_at<TrueInstant>(ticks / rate * kMillion + ticks % rate * kMillion / rate);
  }
};

}  // namespace windtunnel::limit
