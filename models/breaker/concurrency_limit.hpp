// The interface of adaptive concurrency limits: they learn from how long calls take how many may
// be under way. Admitting by the limit is ConcurrencyLimiter's business.
#pragma once

#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// One ended call, as limits see it.
struct LimitSample {
  Instant started{};
  Duration rtt{};               ///< From admission to the end; positive.
  std::uint32_t in_flight = 0;  ///< Calls under way when this one was admitted, itself included.
  bool dropped = false;         ///< It timed out or was turned down: a sign of overload.
};

class ConcurrencyLimit {
 public:
  ConcurrencyLimit() = default;
  ConcurrencyLimit(const ConcurrencyLimit&) = delete;
  ConcurrencyLimit& operator=(const ConcurrencyLimit&) = delete;
  virtual ~ConcurrencyLimit() = default;

  /// How many calls may be under way at `now`. At least 1.
  [[nodiscard]] virtual std::uint32_t limit(Instant now) = 0;

  /// A call ended, at its start plus its rtt. O(1), allocates nothing.
  virtual void observe(const LimitSample& sample) = 0;
};

}  // namespace windtunnel::breaker
