// The rate limit at a proxy: one of the limiters of models/limit, as its settings say. A core.
#pragma once

#include <variant>

#include "models/limit/decision.hpp"
#include "models/limit/gcra.hpp"
#include "models/limit/pacer.hpp"
#include "models/limit/sentinel_warm_up.hpp"
#include "models/limit/sliding_log.hpp"
#include "models/limit/token_bucket.hpp"
#include "models/proxy/rate_limit_settings.hpp"

namespace windtunnel::proxy {

class RateLimiter {
 public:
  /// Precondition: the settings have no flaw.
  RateLimiter(const RateLimitSettings& settings, Instant now);

  /// A request that would wait for longer than `patience` is refused, and takes no turn. O(1), but
  /// for a sliding window: O(log limit).
  [[nodiscard]] limit::Decision admit(Instant now, Duration patience = limit::kNever);

  /// Other settings from now on. Within one kind, a token bucket, GCRA and pacing carry over what
  /// was used up; a warm-up is cold again, as Sentinel's is, and a window is empty.
  void apply(Instant now, const RateLimitSettings& settings);

 private:
  using Limiter = std::variant<limit::TokenBucket, limit::Gcra, limit::Pacer, limit::SentinelWarmUp,
                               limit::SlidingLog>;
  [[nodiscard]] static Limiter limiter_of(const RateLimitSettings& settings, Instant now);

  RateLimitSettings settings_;
  Limiter limiter_;
};

}  // namespace windtunnel::proxy
