// Sentinel's pacing ("rate limiter" behaviour; Sentinel 1.8.7, ThrottlingController): a request
// passes one interval after the last, waiting for it up to a limit. Where an interval is no whole
// number of milliseconds it counts nanoseconds, and rounds the interval to the nearest.
#pragma once

#include <cstdint>
#include <optional>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

struct SentinelThrottlingOptions {
  /// Requests in `window_milliseconds`; at least 0.5, below which Sentinel divides by zero.
  double count = 10;
  std::int64_t window_milliseconds = 1000;
  std::int64_t queueing_milliseconds_max = 500;
};

class SentinelThrottling {
 public:
  explicit SentinelThrottling(const SentinelThrottlingOptions& options);

  /// A request of `n` waits its own n intervals after the last one: it pays before it passes, where
  /// a Pacer makes the next one pay. retry_after is exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);

  [[nodiscard]] bool counts_nanoseconds() const { return tick_ == 1; }

 private:
  [[nodiscard]] std::int64_t cost_of(std::uint32_t n) const;

  SentinelThrottlingOptions options_;
  std::int64_t tick_;                 ///< Nanoseconds in one unit of its clock.
  std::optional<std::int64_t> last_;  ///< When the last one passed or will pass, in ticks.
  std::int64_t latest_ = 0;
};

}  // namespace windtunnel::limit
