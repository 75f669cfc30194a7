// Retries as a share of what is under way: Envoy's retry budget, without the later
// `budget_interval`.
#pragma once

#include <cstdint>

#include "models/retry/active_retry_share.hpp"
#include "models/retry/budget.hpp"
#include "runtime/check.hpp"

namespace windtunnel::retry {

/// A retry holds its place from the decision to retry, so through the backoff too, until it ends.
class ActiveRetryBudget final : public Budget {
 public:
  explicit ActiveRetryBudget(const ActiveRetryShare& share = {}) : share_(share) {
    check(0 <= share.percent && share.percent <= 100, "a percentage lies between 0 and 100");
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

  /// Retries allowed at once now.
  [[nodiscard]] std::uint64_t limit() const { return share_.of(attempts_); }
  [[nodiscard]] std::uint64_t retries() const { return retries_; }

 private:
  void release() {
    check(retries_ > 0, "a retry ends once");
    --retries_;
  }

  ActiveRetryShare share_;
  std::uint64_t attempts_ = 0;
  std::uint64_t retries_ = 0;
};

}  // namespace windtunnel::retry
