// Sentinel's warm-up (Sentinel 1.8, WarmUpController, after Guava's SmoothWarmingUp): a service
// that was idle gets its full rate only after some seconds of load. Tokens stored while idle
// measure how cold it is; the more there are, the lower the rate, down to count / cold_factor.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"
#include "models/limit/sentinel_window.hpp"

namespace windtunnel::limit {

struct SentinelWarmUpOptions {
  double count = 100;  ///< Requests a second once warm.
  std::int32_t warm_up_seconds = 10;
  std::int32_t cold_factor = 3;  ///< At least 2.
};

class SentinelWarmUp {
 public:
  /// Starts cold.
  explicit SentinelWarmUp(const SentinelWarmUpOptions& options);

  /// retry_after, which Sentinel does not tell, is when the next bucket starts: a lower bound.
  /// O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);

  /// Below this many stored tokens the rate is full; at tokens_max() it is lowest.
  [[nodiscard]] std::int64_t warning_tokens() const { return warning_tokens_; }
  [[nodiscard]] std::int64_t tokens_max() const { return tokens_max_; }
  /// In seconds per request and token.
  [[nodiscard]] double slope() const { return slope_; }
  [[nodiscard]] std::int64_t stored_tokens() const { return stored_tokens_; }
  /// Requests a second allowed now.
  [[nodiscard]] double allowed_qps() const;

 private:
  void fill();
  [[nodiscard]] std::int64_t filled(std::int64_t second_milliseconds, std::int64_t passed) const;

  SentinelWarmUpOptions options_;
  std::int64_t warning_tokens_;
  std::int64_t tokens_max_;
  double slope_;
  std::int64_t stored_tokens_;
  std::int64_t filled_at_milliseconds_ = -1'000;  ///< A whole second; before the first one.
  SentinelWindow window_;
};

}  // namespace windtunnel::limit
