// Retries as a share of what is under way: Envoy's retry budget (`retry_budget` of a cluster's
// circuit breakers; RetryBudgetImpl in source/common/upstream/resource_manager_impl.h), without the
// later `budget_interval`.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/retry/budget.hpp"
#include "runtime/check.hpp"

namespace windtunnel::retry {

struct ActiveRetryBudgetOptions {
  double percent = 20;                ///< Of attempts under way.
  std::uint32_t concurrency_min = 3;  ///< Retries that are always allowed at once.
};

/// A retry holds its place from the decision to retry, so through the backoff too, until it ends.
class ActiveRetryBudget final : public Budget {
 public:
  explicit ActiveRetryBudget(const ActiveRetryBudgetOptions& options = {}) : options_(options) {
    check(0 <= options.percent && options.percent <= 100, "a percentage lies between 0 and 100");
  }

  void attempt_started(Instant, AttemptKind) override { ++attempts_; }
  void attempt_ended(Instant, const AttemptEnd&, Retryable,
                     std::optional<Withdrawal> spent) override {
    check(attempts_ > 0, "an attempt ends once");
    --attempts_;
    if (spent) {
      release();
    }
  }
  [[nodiscard]] std::optional<Withdrawal> try_withdraw(Instant, AttemptOutcome) override {
    if (retries_ >= limit()) {
      return std::nullopt;
    }
    ++retries_;
    return Withdrawal{1};
  }
  void cancel(Instant, Withdrawal) override { release(); }

  /// Retries allowed at once now: the percentage rounded down, or the minimum.
  [[nodiscard]] std::uint64_t limit() const {
    const auto share =
        static_cast<std::uint64_t>(options_.percent / 100.0 * static_cast<double>(attempts_));
    return std::max<std::uint64_t>(share, options_.concurrency_min);
  }
  [[nodiscard]] std::uint64_t retries() const { return retries_; }

 private:
  void release() {
    check(retries_ > 0, "a retry ends once");
    --retries_;
  }

  ActiveRetryBudgetOptions options_;
  std::uint64_t attempts_ = 0;
  std::uint64_t retries_ = 0;
};

}  // namespace windtunnel::retry
