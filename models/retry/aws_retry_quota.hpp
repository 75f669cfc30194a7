// The retry quota of the AWS SDKs' standard mode: a client's retries draw on tokens that only
// success brings back.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/retry/budget.hpp"

namespace windtunnel::retry {

/// As in @smithy/util-retry (smithy-typescript, packages/util-retry/src/constants.ts).
struct AwsRetryQuotaOptions {
  std::uint32_t capacity = 500;
  std::uint32_t retry_cost = 5;
  std::uint32_t timeout_cost = 10;
  std::uint32_t throttling_cost = 5;
  std::uint32_t first_try_reward = 1;

  /// Before 2026.
  [[nodiscard]] static AwsRetryQuotaOptions standard() { return {}; }
  /// The numbers of 2026 (AWS_NEW_RETRIES_2026; class Retry of @smithy/core 3 in @smithy/util-retry
  /// 4.6.2): all transient failures cost 14, throttling stays at 5.
  [[nodiscard]] static AwsRetryQuotaOptions standard_2026() {
    return {.retry_cost = 14, .timeout_cost = 14};
  }
};

/// A retry takes its cost. When the retried attempt succeeds the cost of that last retry comes
/// back; a call that succeeds at once brings `first_try_reward`. Costs of retries that failed are
/// gone.
class AwsRetryQuota final : public Budget {
 public:
  explicit AwsRetryQuota(const AwsRetryQuotaOptions& options = {})
      : options_(options), tokens_(options.capacity) {}

  void attempt_ended(Instant, const AttemptEnd& end, Retryable,
                     std::optional<Withdrawal> spent) override {
    if (end.outcome == AttemptOutcome::succeeded) {
      put(spent ? spent->tokens : options_.first_try_reward);
    } else if (end.outcome == AttemptOutcome::cancelled && spent) {
      put(spent->tokens);
    }
  }
  [[nodiscard]] std::optional<Withdrawal> try_withdraw(Instant, AttemptOutcome cause) override {
    const std::uint32_t cost = cost_of(cause);
    if (tokens_ < cost) {
      return std::nullopt;
    }
    tokens_ -= cost;
    return Withdrawal{cost};
  }
  void cancel(Instant, Withdrawal withdrawal) override { put(withdrawal.tokens); }

  [[nodiscard]] std::uint32_t tokens() const { return tokens_; }

 private:
  [[nodiscard]] std::uint32_t cost_of(AttemptOutcome cause) const {
    switch (cause) {
      case AttemptOutcome::timed_out:
        return options_.timeout_cost;
      case AttemptOutcome::throttled:
        return options_.throttling_cost;
      default:
        return options_.retry_cost;
    }
  }
  void put(std::uint32_t tokens) { tokens_ = std::min(options_.capacity, tokens_ + tokens); }

  AwsRetryQuotaOptions options_;
  std::uint32_t tokens_;
};

}  // namespace windtunnel::retry
