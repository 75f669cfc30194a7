// One call's retries: after each attempt, whether to try again and when. It sends nothing and knows
// no endpoints; what all calls of a client share is in its Budget.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "models/retry/backoff.hpp"
#include "models/retry/budget.hpp"
#include "models/retry/deadline.hpp"
#include "models/retry/outcome.hpp"

namespace windtunnel::retry {

struct RetryOptions {
  std::uint32_t attempts_max = 3;  ///< The first attempt included.
  OutcomeSet retryable{AttemptOutcome::refused, AttemptOutcome::unavailable,
                       AttemptOutcome::throttled, AttemptOutcome::timed_out};
  Duration attempt_timeout = Duration::max();  ///< The deadline may make it shorter.
  /// A retry that could not have this long before the deadline is not made.
  Duration attempt_time_min{};
  BackoffOptions backoff{};
  /// The first step after AttemptOutcome::throttled, where it differs from the backoff's own.
  std::optional<Duration> throttled_initial{};

  /// The example of gRPC A6. A6 also caps attempts at 5 by default; whoever reads a service config
  /// applies that.
  [[nodiscard]] static RetryOptions grpc();
  /// AWS SDKs, standard mode, until 2026: 3 attempts, 100 ms, 500 ms when throttled.
  [[nodiscard]] static RetryOptions aws();
  /// AWS SDKs, standard mode of 2026: 3 attempts, 50 ms, 1 s when throttled.
  [[nodiscard]] static RetryOptions aws_2026();
};

enum class StopReason : std::uint8_t {
  succeeded,
  not_retryable,
  committed,
  pushback,
  attempts_exhausted,
  deadline,
  budget,
  cancelled,
};

/// The last attempt's result is the call's.
struct Stop {
  StopReason reason{};
  friend bool operator==(const Stop&, const Stop&) = default;
};
/// Wait, then begin_attempt() again.
struct RetryAfter {
  Duration delay{};
  friend bool operator==(const RetryAfter&, const RetryAfter&) = default;
};
using Decision = std::variant<Stop, RetryAfter>;

/// begin_attempt() and settle() alternate until settle() says Stop. O(1), and nothing is allocated.
class RetryPolicy {
 public:
  /// `options` and `budget` outlive the call; no budget means no shared limit.
  RetryPolicy(const RetryOptions& options, Deadline deadline, Budget* budget);
  RetryPolicy(const RetryPolicy&) = delete;
  RetryPolicy& operator=(const RetryPolicy&) = delete;

  /// The attempt that goes out now; its time limit is the deadline or the timeout of one attempt,
  /// whichever is first.
  [[nodiscard]] Deadline begin_attempt(Instant now);

  /// The attempt has ended. The budget is asked last, so that nothing is withdrawn for a retry that
  /// something else forbids. A pushback delay stands in for the backoff, which then starts anew
  /// (A6). Where the delay would reach past the deadline the call stops at once instead of waiting
  /// for a certain failure.
  [[nodiscard]] Decision settle(Instant now, const AttemptEnd& end, RandomStream& random);

  /// The caller gives the call up, during an attempt or while waiting for one.
  void cancel(Instant now);

  /// Begun so far; PickRequest::attempt is one less.
  [[nodiscard]] std::uint32_t attempts() const { return attempts_; }

 private:
  [[nodiscard]] std::optional<StopReason> forbidden_by_result(const AttemptEnd& end) const;
  [[nodiscard]] Duration delay_after(const AttemptEnd& end, RandomStream& random);
  void tell_budget(Instant now, const AttemptEnd& end);

  const RetryOptions& options_;
  Deadline deadline_;
  Budget* budget_;
  Backoff backoff_;
  std::uint32_t attempts_ = 0;
  bool is_under_way_ = false;
  std::optional<Withdrawal> withdrawal_;  ///< Of the attempt under way, or of the next.
};

}  // namespace windtunnel::retry
