#include "sim/host_clock.hpp"

#include "runtime/check.hpp"

namespace windtunnel::sim {

namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t kBillion = 1'000'000'000;
constexpr std::int64_t kFurthest = INT64_MAX;

void check_rate(std::int64_t drift_ppb) {
  check(drift_ppb > -kBillion, "a clock cannot stand still or run backwards");
}

}  // namespace

HostClock::HostClock(ClockSkew skew, WallInstant wall_epoch)
    : drift_ppb_(skew.drift_ppb), wall_zero_(wall_epoch + skew.wall_offset) {
  check_rate(drift_ppb_);
}

Duration HostClock::scaled(Duration elapsed) const {
  return Duration{static_cast<std::int64_t>(static_cast<Wide>(elapsed.count()) *
                                            (kBillion + drift_ppb_) / kBillion)};
}

TrueInstant HostClock::when_scaled(Instant local) const {
  // In 128 bits: a deadline "never" (INT64_MAX) must not wrap round.
  const Wide ahead = static_cast<Wide>(nanoseconds_of(local)) - nanoseconds_of(anchor_local_);
  Wide scaled = ahead;
  if (drift_ppb_ != 0 && ahead > 0) {
    const Wide rate = kBillion + drift_ppb_;
    scaled = (ahead * kBillion + rate - 1) / rate;
  }
  const Wide result = scaled + nanoseconds_of(anchor_true_);
  return instant_at<TrueInstant>(result > kFurthest ? kFurthest
                                                    : static_cast<std::int64_t>(result));
}

void HostClock::set_drift(TrueInstant now, std::int64_t drift_ppb) {
  check_rate(drift_ppb);
  anchor_local_ = at(now);
  anchor_true_ = now;
  drift_ppb_ = drift_ppb;
}

}  // namespace windtunnel::sim
