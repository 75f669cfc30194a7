// gRPC's retry throttling, per server name: no retries and no hedges while failures outweigh
// successes (proposal A6, "Throttling Retry Attempts and Hedged RPCs").
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/retry/budget.hpp"
#include "runtime/check.hpp"

namespace windtunnel::retry {

/// In thousandths of a token, the precision that the service config allows.
struct GrpcRetryThrottleOptions {
  std::uint32_t milli_tokens_max = 10'000;
  std::uint32_t milli_tokens_per_success = 100;
};

/// Tokens start at the maximum. A failure of the retryable kind, or one with a pushback that
/// forbids retries, takes one; a success gives the ratio. Retries go out while more than half are
/// left. A retry itself costs nothing.
class GrpcRetryThrottle final : public Budget {
 public:
  explicit GrpcRetryThrottle(const GrpcRetryThrottleOptions& options = {})
      : options_(options), milli_tokens_(options.milli_tokens_max) {
    check(options.milli_tokens_max > 0, "a throttle has tokens");
  }

  void attempt_ended(Instant, const AttemptEnd& end, Retryable retryable,
                     std::optional<Withdrawal>) override {
    if (end.outcome == AttemptOutcome::succeeded) {
      milli_tokens_ = std::min(milli_tokens_ + std::int64_t{options_.milli_tokens_per_success},
                               std::int64_t{options_.milli_tokens_max});
    } else if (retryable == Retryable::yes || forbids_retries(end)) {
      milli_tokens_ = std::max(milli_tokens_ - 1000, std::int64_t{0});
    }
  }
  [[nodiscard]] std::optional<Withdrawal> try_withdraw(Instant, AttemptOutcome) override {
    // Doubled, since half of an odd maximum is no whole number.
    return 2 * milli_tokens_ > options_.milli_tokens_max ? std::optional{Withdrawal{}}
                                                         : std::nullopt;
  }

  [[nodiscard]] std::int64_t milli_tokens() const { return milli_tokens_; }

 private:
  GrpcRetryThrottleOptions options_;
  std::int64_t milli_tokens_;
};

}  // namespace windtunnel::retry
