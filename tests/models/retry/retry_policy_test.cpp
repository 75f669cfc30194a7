#include "models/retry/retry_policy.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/retry/active_retry_budget.hpp"
#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/grpc_retry_throttle.hpp"

namespace windtunnel::retry {
namespace {

using std::chrono::milliseconds;

constexpr AttemptEnd kUnavailable{.outcome = AttemptOutcome::unavailable};
constexpr AttemptEnd kThrottled{.outcome = AttemptOutcome::throttled};

constexpr Instant at(int ms) {
  return Instant{milliseconds{ms}};
}

RetryOptions without_jitter(std::uint32_t attempts_max) {
  RetryOptions options;
  options.attempts_max = attempts_max;
  options.backoff.jitter = Jitter::none;
  return options;
}

/// One attempt that begins and ends at `now`.
Decision attempt(RetryPolicy& policy, Instant now, const AttemptEnd& end) {
  static RandomStream random{1, "test.retry_policy"};
  static_cast<void>(policy.begin_attempt(now));
  return policy.settle(now, end, random);
}

TEST(RetryPolicy, StopsAtTheFirstSuccess) {
  const RetryOptions options = without_jitter(3);
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(policy, at(0), {}), Decision{Stop{StopReason::succeeded}});
}

TEST(RetryPolicy, WaitsTheBackoffBetweenAttemptsUpToTheirMaximum) {
  const RetryOptions options = without_jitter(3);
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{100}}});
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{200}}});
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{Stop{StopReason::attempts_exhausted}});
  EXPECT_EQ(policy.attempts(), 3U);
}

TEST(RetryPolicy, DoesNotRetryWhatAnotherAttemptWouldNotChange) {
  const RetryOptions options = without_jitter(3);
  RetryPolicy failed{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(failed, at(0), {.outcome = AttemptOutcome::failed}),
            Decision{Stop{StopReason::not_retryable}});
  RetryPolicy committed{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(committed, at(0),
                    {.outcome = AttemptOutcome::unavailable, .commitment = Commitment::committed}),
            Decision{Stop{StopReason::committed}});
}

TEST(RetryPolicy, WaitsAsLongAsTheServerAsksAndThenStartsTheBackoffAnew) {
  const RetryOptions options = without_jitter(5);
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{100}}});
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{200}}});
  EXPECT_EQ(
      attempt(policy, at(0), {.outcome = AttemptOutcome::unavailable, .pushback = milliseconds{7}}),
      Decision{RetryAfter{milliseconds{7}}});
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{100}}});
}

TEST(RetryPolicy, StopsWhereTheServerAsksForIt) {
  const RetryOptions options = without_jitter(3);
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(policy, at(0),
                    {.outcome = AttemptOutcome::unavailable, .pushback = milliseconds{-1}}),
            Decision{Stop{StopReason::pushback}});
}

// A6: a pushback does not buy an attempt beyond the maximum.
TEST(RetryPolicy, StopsAtTheMaximumWhateverTheServerAsks) {
  const RetryOptions options = without_jitter(1);
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(
      attempt(policy, at(0), {.outcome = AttemptOutcome::unavailable, .pushback = milliseconds{1}}),
      Decision{Stop{StopReason::attempts_exhausted}});
}

TEST(RetryPolicy, DoesNotWaitForARetryThatWouldComeTooLate) {
  const RetryOptions options = without_jitter(9);
  RetryPolicy in_time{options, Deadline{at(101)}, nullptr};
  EXPECT_EQ(attempt(in_time, at(0), kUnavailable), Decision{RetryAfter{milliseconds{100}}});
  RetryPolicy late{options, Deadline{at(100)}, nullptr};
  EXPECT_EQ(attempt(late, at(0), kUnavailable), Decision{Stop{StopReason::deadline}});
  RetryOptions slow = options;
  slow.attempt_time_min = milliseconds{20};
  RetryPolicy hopeless{slow, Deadline{at(110)}, nullptr};
  EXPECT_EQ(attempt(hopeless, at(0), kUnavailable), Decision{Stop{StopReason::deadline}});
}

TEST(RetryPolicy, GivesAnAttemptItsTimeoutOrWhatTheDeadlineLeaves) {
  RetryOptions options = without_jitter(3);
  options.attempt_timeout = milliseconds{60};
  RetryPolicy policy{options, Deadline{at(200)}, nullptr};
  RandomStream random{1, "test.timeout"};
  EXPECT_EQ(policy.begin_attempt(at(0)), Deadline{at(60)});
  static_cast<void>(policy.settle(at(60), {.outcome = AttemptOutcome::timed_out}, random));
  EXPECT_EQ(policy.begin_attempt(at(160)), Deadline{at(200)});
}

TEST(RetryPolicy, WaitsLongerForAServerThatThrottles) {
  RetryOptions options = RetryOptions::aws_2026();
  options.attempts_max = 4;
  options.backoff.jitter = Jitter::none;
  RetryPolicy policy{options, Deadline::never(), nullptr};
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{50}}});
  // base * 2^i, i counting all retries of the call: 1 s * 2.
  EXPECT_EQ(attempt(policy, at(0), kThrottled), Decision{RetryAfter{milliseconds{2'000}}});
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{RetryAfter{milliseconds{200}}});
}

TEST(RetryPolicy, StopsWhereTheBudgetRefuses) {
  const RetryOptions options = without_jitter(9);
  GrpcRetryThrottle throttle;
  RetryPolicy policy{options, Deadline::never(), &throttle};
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(std::holds_alternative<RetryAfter>(attempt(policy, at(0), kUnavailable)));
  }
  EXPECT_EQ(attempt(policy, at(0), kUnavailable), Decision{Stop{StopReason::budget}});
}

TEST(RetryPolicy, WithdrawsNothingForARetryThatIsNotMade) {
  const RetryOptions options = without_jitter(1);
  AwsRetryQuota quota;
  RetryPolicy exhausted{options, Deadline::never(), &quota};
  static_cast<void>(attempt(exhausted, at(0), kUnavailable));
  const RetryOptions more = without_jitter(9);
  RetryPolicy late{more, Deadline{at(1)}, &quota};
  static_cast<void>(attempt(late, at(0), kUnavailable));
  EXPECT_EQ(quota.tokens(), 500U);
}

TEST(RetryPolicy, GivesTheWithdrawalBackWhenItsCallIsGivenUpWhileWaiting) {
  const RetryOptions options = without_jitter(9);
  AwsRetryQuota quota;
  RetryPolicy policy{options, Deadline::never(), &quota};
  static_cast<void>(attempt(policy, at(0), kUnavailable));
  EXPECT_EQ(quota.tokens(), 495U);
  policy.cancel(at(1));
  EXPECT_EQ(quota.tokens(), 500U);
}

/// Ends calls in every way there is and leaves the budget as it found it.
TEST(RetryPolicy, ReturnsEveryPlaceOfAnActiveBudgetHoweverCallsEnd) {
  constexpr AttemptOutcome kOutcomes[] = {AttemptOutcome::succeeded,   AttemptOutcome::refused,
                                          AttemptOutcome::unavailable, AttemptOutcome::throttled,
                                          AttemptOutcome::timed_out,   AttemptOutcome::failed,
                                          AttemptOutcome::cancelled};
  const RetryOptions options = without_jitter(4);
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomStream random{seed, "test.calls"};
    ActiveRetryBudget budget{{.percent = 50, .minimum = 1}};
    for (int call = 0; call < 20; ++call) {
      RetryPolicy policy{options, Deadline{at(400)}, &budget};
      for (bool is_over = false; !is_over;) {
        static_cast<void>(policy.begin_attempt(at(0)));
        if (random.below(8) == 0) {
          policy.cancel(at(0));
          break;
        }
        const AttemptEnd end{.outcome = kOutcomes[random.below(std::size(kOutcomes))]};
        is_over = std::holds_alternative<Stop>(policy.settle(at(0), end, random));
        if (!is_over && random.below(8) == 0) {
          policy.cancel(at(0));
          break;
        }
      }
    }
    EXPECT_EQ(budget.retries(), 0U) << "seed " << seed;
    EXPECT_EQ(budget.limit(), 1U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace windtunnel::retry
