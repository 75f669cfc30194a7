// One host's clocks as functions of true time: a monotonic clock that runs fast or slow, and a wall
// clock that is offset from it and can be stepped.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::sim {

/// How a host's clocks relate to the true one. `drift` is in parts per billion: 50 ppm fast is 50
/// 000.
struct ClockSkew {
  Duration wall_offset{};
  std::int64_t drift_ppb = 0;
};

class HostClock {
 public:
  /// The wall clock reads `wall_epoch` + offset at true time zero.
  HostClock(ClockSkew skew, WallInstant wall_epoch);

  [[nodiscard]] Instant at(TrueInstant now) const {
    const Duration elapsed = now - anchor_true_;
    return anchor_local_ + (drift_ppb_ == 0 ? elapsed : scaled(elapsed));
  }
  [[nodiscard]] WallInstant wall_at(TrueInstant now) const {
    return wall_zero_ + at(now).time_since_epoch();
  }

  /// The first true instant at which this clock reads `local` or later, were its rate to stay as it
  /// is.
  [[nodiscard]] TrueInstant when(Instant local) const {
    if (std::int64_t at = 0;
        drift_ppb_ == 0 &&
        !__builtin_add_overflow(
            nanoseconds_of(local),
            (anchor_true_.time_since_epoch() - anchor_local_.time_since_epoch()).count(), &at))
        [[likely]] {
      return instant_at<TrueInstant>(at);
    }
    return when_scaled(local);
  }

  /// Changes the rate from `now` on; the reading stays continuous.
  void set_drift(TrueInstant now, std::int64_t drift_ppb);

  /// Steps the wall clock; the monotonic clock does not move.
  void step_wall(Duration by) { wall_zero_ += by; }

 private:
  [[nodiscard]] Duration scaled(Duration elapsed) const;
  [[nodiscard]] TrueInstant when_scaled(Instant local) const;

  TrueInstant anchor_true_{};
  Instant anchor_local_{};
  std::int64_t drift_ppb_;
  WallInstant wall_zero_;
};

}  // namespace windtunnel::sim
