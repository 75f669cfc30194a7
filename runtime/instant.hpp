// Time as every room sees it: integer nanoseconds on clock tags that have no now().
// Three tags keep three clocks apart at compile time; only a Host or a World can say what time it
// is.
#pragma once

#include <chrono>
#include <cstdint>

namespace windtunnel {

/// A span of time in whole nanoseconds; negative spans are allowed.
using Duration = std::chrono::duration<std::int64_t, std::nano>;

/// A clock tag that satisfies what std::chrono::time_point needs and nothing more: there is no
/// now(), so code that holds one cannot read a clock behind its Host's back.
template <typename Tag>
struct ClockTag {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<ClockTag, Duration>;
  static constexpr bool is_steady = true;
};

/// One host's own monotonic clock. It starts near zero at the host's first boot and may run fast or
/// slow.
using Instant = ClockTag<struct MonotonicClock>::time_point;

/// One host's wall clock, in nanoseconds since the Unix epoch. It may be skewed and may jump.
using WallInstant = ClockTag<struct WallClock>::time_point;

/// The one true clock of a world (or of a live run): what measures and the journal are stamped
/// with.
using TrueInstant = ClockTag<struct TrueClock>::time_point;

/// Nanoseconds since the clock's origin.
template <typename Tag>
[[nodiscard]] constexpr std::int64_t nanoseconds_of(
    std::chrono::time_point<ClockTag<Tag>, Duration> instant) {
  return instant.time_since_epoch().count();
}

/// The instant `count` nanoseconds after the clock's origin.
template <typename InstantType>
[[nodiscard]] constexpr InstantType instant_at(std::int64_t count) {
  return InstantType{Duration{count}};
}

/// `span` after `instant`, or the last instant there is: "never" may be spelled Duration::max().
template <typename InstantType>
[[nodiscard]] constexpr InstantType instant_after(InstantType instant, Duration span) {
  const bool fits =
      instant.time_since_epoch() <= Duration::zero() || span <= InstantType::max() - instant;
  return fits ? instant + span : InstantType::max();
}

}  // namespace windtunnel
