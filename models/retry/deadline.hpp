// Until when an answer is of use. It travels as the time that is left, not as a point in time,
// since no two hosts' clocks agree (gRPC's `grpc-timeout` and Envoy's
// `x-envoy-expected-rq-timeout-ms` do the same).
#pragma once

#include <algorithm>
#include <optional>

#include "runtime/instant.hpp"

namespace windtunnel::retry {

class Deadline {
 public:
  constexpr explicit Deadline(Instant at) : at_(at) {}

  [[nodiscard]] static constexpr Deadline never() { return Deadline{Instant::max()}; }
  /// Also what a server makes of the time it received with a request.
  [[nodiscard]] static constexpr Deadline after(Instant now, Duration span) {
    return Deadline{instant_after(now, span)};
  }

  [[nodiscard]] constexpr Instant at() const { return at_; }
  /// Whether work is dead: its answer would come too late however fast it is.
  [[nodiscard]] constexpr bool has_passed(Instant now) const { return now >= at_; }
  /// Zero once it has passed, Duration::max() where there is none.
  [[nodiscard]] constexpr Duration remaining(Instant now) const {
    if (at_ == Instant::max()) {
      return Duration::max();
    }
    return has_passed(now) ? Duration::zero() : at_ - now;
  }

  /// What to tell the next hop: the remaining time less `margin`, which is kept for the answer's
  /// way back. Nothing where no time would be left; the call must not be made then.
  [[nodiscard]] constexpr std::optional<Duration> to_propagate(Instant now, Duration margin) const {
    const Duration left = remaining(now);
    if (left == Duration::max()) {
      return left;
    }
    return left > margin ? std::optional{left - margin} : std::nullopt;
  }

  /// A hop may shorten what it was given, never extend it.
  [[nodiscard]] constexpr Deadline earlier(Deadline other) const {
    return Deadline{std::min(at_, other.at_)};
  }

  friend constexpr auto operator<=>(Deadline, Deadline) = default;

 private:
  Instant at_;
};

}  // namespace windtunnel::retry
