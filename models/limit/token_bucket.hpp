// The token bucket: over any time t it admits at most burst + rate × t, and a source that always
// has a request waiting gets at least rate × t. Exact: tokens are counted in whole shares that no
// rounding touches.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"
#include "models/limit/rate.hpp"

namespace windtunnel::limit {

class TokenBucket {
 public:
  /// Starts full. `burst` > 0, and burst periods of the rate fit 63 bits of nanoseconds.
  TokenBucket(Rate rate, std::uint32_t burst, Instant now);

  /// Takes `n` tokens if then at least `keep` stay. A refusal takes nothing, and its retry_after is
  /// exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1, std::uint32_t keep = 0);
  /// What admit() would answer.
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1, std::uint32_t keep = 0) const;

  /// From now on at another rate and burst. What is in the bucket stays, up to the new burst, and
  /// loses at most one share to rounding.
  void reconfigure(Instant now, Rate rate, std::uint32_t burst);

  /// Whole tokens.
  [[nodiscard]] std::uint32_t available(Instant now) const;
  /// As good as new: forgetting it would lose nothing.
  [[nodiscard]] bool is_fresh(Instant now) const { return shares_at(now) == full_; }

 private:
  [[nodiscard]] std::int64_t shares_at(Instant now) const;
  [[nodiscard]] Decision decide(std::int64_t shares, std::uint64_t wanted) const;

  Rate rate_;
  /// A token is rate_.per() shares, and each nanosecond brings rate_.count() of them.
  std::int64_t full_;
  std::int64_t shares_;
  Instant latest_;  ///< When `shares_` was true; the latest time ever seen.
};

}  // namespace windtunnel::limit
