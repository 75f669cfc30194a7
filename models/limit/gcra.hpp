// The generic cell rate algorithm (ITU-T I.371, annex A, virtual scheduling): one theoretical
// arrival time says all. It decides as a token bucket of the same rate and burst does, without
// counting tokens; unlike throttled and redis-cell it does not round the time of a request.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"
#include "models/limit/rate.hpp"

namespace windtunnel::limit {

class Gcra {
 public:
  /// Starts with the whole burst. `burst` > 0.
  Gcra(Rate rate, std::uint32_t burst, Instant now);

  /// A refusal changes nothing, and its retry_after is exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1) const;

  /// From now on at another rate and burst. As many requests as could come at once still can, up to
  /// the new burst; what has come back of the next one is lost.
  void reconfigure(Instant now, Rate rate, std::uint32_t burst);

  /// How many would be admitted at once.
  [[nodiscard]] std::uint32_t available(Instant now) const;
  [[nodiscard]] bool is_fresh(Instant now) const { return arrival_ <= FineInstant{now, 0}; }

 private:
  [[nodiscard]] FineInstant arrival_after(Instant now, std::uint32_t n) const;
  [[nodiscard]] Decision decide(Instant now, std::uint32_t n, FineInstant arrival) const;

  Rate rate_;
  std::uint32_t burst_;
  FineSpan one_;        ///< The time of one request, T.
  FineSpan tolerance_;  ///< The time of a burst: τ + T.
  FineInstant arrival_;
  Instant latest_;
};

}  // namespace windtunnel::limit
