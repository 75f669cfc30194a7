// The leaky bucket as a queue: admitted requests leave evenly spaced at the rate, each told how
// long to wait for its turn, and one whose turn is too far away is refused. An idle pacer saves
// nothing up. It is the queue M/D/1 when requests arrive at random.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"
#include "models/limit/rate.hpp"

namespace windtunnel::limit {

class Pacer {
 public:
  /// `wait_max` >= 0; zero refuses whatever cannot leave at once.
  Pacer(Rate rate, Duration wait_max, Instant now);

  /// A request of `n` permits leaves at its turn and keeps the next one from leaving for the time
  /// of `n`. A wait is rounded up to a nanosecond, its turn is not. retry_after is exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1) const;

  /// From now on at another rate and with another longest wait. Turns that were given stay given:
  /// the next one comes after them.
  void reconfigure(Instant now, Rate rate, Duration wait_max);

  [[nodiscard]] bool is_fresh(Instant now) const { return next_ <= FineInstant{now, 0}; }

 private:
  Rate rate_;
  Duration wait_max_;
  FineSpan one_;
  FineInstant next_;  ///< The next free turn.
  Instant latest_;
};

}  // namespace windtunnel::limit
