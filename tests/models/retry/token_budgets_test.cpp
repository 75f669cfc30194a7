// gRPC's throttle and the AWS quota, against the arithmetic of their documents. The differential
// test against their own implementations is npm_budgets_test.py.
#include <gtest/gtest.h>

#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/grpc_retry_throttle.hpp"

namespace windtunnel::retry {
namespace {

constexpr Instant kNow{};
constexpr AttemptEnd kSuccess{};
constexpr AttemptEnd kFailure{.outcome = AttemptOutcome::unavailable};

bool may_retry(GrpcRetryThrottle& throttle) {
  return throttle.try_withdraw(kNow, AttemptOutcome::unavailable).has_value();
}
void fail(GrpcRetryThrottle& throttle, int times) {
  for (int i = 0; i < times; ++i) {
    throttle.attempt_ended(kNow, kFailure, Retryable::yes, std::nullopt);
  }
}
void succeed(GrpcRetryThrottle& throttle, int times) {
  for (int i = 0; i < times; ++i) {
    throttle.attempt_ended(kNow, kSuccess, Retryable::no, std::nullopt);
  }
}

// A6's example, maxTokens 10 and tokenRatio 0.1: the threshold is 5, and at 5 nothing is retried.
TEST(GrpcRetryThrottle, StopsRetriesAfterFiveFailuresInARow) {
  GrpcRetryThrottle throttle;
  fail(throttle, 4);
  EXPECT_TRUE(may_retry(throttle));
  fail(throttle, 1);
  EXPECT_EQ(throttle.milli_tokens(), 5'000);
  EXPECT_FALSE(may_retry(throttle));
}

TEST(GrpcRetryThrottle, NeedsOneSuccessToRiseOverTheThresholdAndTenForOneFailure) {
  GrpcRetryThrottle throttle;
  fail(throttle, 5);
  succeed(throttle, 1);
  EXPECT_TRUE(may_retry(throttle));
  fail(throttle, 1);
  succeed(throttle, 9);
  EXPECT_FALSE(may_retry(throttle));
  succeed(throttle, 1);
  EXPECT_TRUE(may_retry(throttle));
}

TEST(GrpcRetryThrottle, StaysBetweenNoneAndTheMaximum) {
  GrpcRetryThrottle throttle;
  succeed(throttle, 5);
  EXPECT_EQ(throttle.milli_tokens(), 10'000);
  fail(throttle, 50);
  EXPECT_EQ(throttle.milli_tokens(), 0);
  succeed(throttle, 51);
  EXPECT_TRUE(may_retry(throttle));
}

TEST(GrpcRetryThrottle, CountsNeitherMalformedRequestsNorCancelledOnes) {
  GrpcRetryThrottle throttle;
  throttle.attempt_ended(kNow, {.outcome = AttemptOutcome::failed}, Retryable::no, std::nullopt);
  throttle.attempt_ended(kNow, {.outcome = AttemptOutcome::cancelled}, Retryable::no, std::nullopt);
  EXPECT_EQ(throttle.milli_tokens(), 10'000);
}

TEST(GrpcRetryThrottle, CountsAPushbackThatForbidsRetriesWhateverTheFailure) {
  GrpcRetryThrottle throttle;
  throttle.attempt_ended(kNow, {.outcome = AttemptOutcome::failed, .pushback = Duration{-1}},
                         Retryable::no, std::nullopt);
  EXPECT_EQ(throttle.milli_tokens(), 9'000);
}

TEST(GrpcRetryThrottle, HalvesAnOddMaximumExactly) {
  GrpcRetryThrottle throttle{{.milli_tokens_max = 3'001, .milli_tokens_per_success = 1}};
  fail(throttle, 2);  // 1001 of 3001: half is 1500.5.
  succeed(throttle, 499);
  EXPECT_EQ(throttle.milli_tokens(), 1'500);
  EXPECT_FALSE(may_retry(throttle));
  succeed(throttle, 1);
  EXPECT_TRUE(may_retry(throttle));
}

int retries_until_empty(AwsRetryQuota& quota, AttemptOutcome cause) {
  int retries = 0;
  while (quota.try_withdraw(kNow, cause)) {
    ++retries;
  }
  return retries;
}

TEST(AwsRetryQuota, AllowsAHundredRetriesOrFiftyAfterTimeouts) {
  AwsRetryQuota retries;
  EXPECT_EQ(retries_until_empty(retries, AttemptOutcome::unavailable), 100);
  AwsRetryQuota timeouts;
  EXPECT_EQ(retries_until_empty(timeouts, AttemptOutcome::timed_out), 50);
}

TEST(AwsRetryQuota, Of2026AllowsThirtyFiveTransientRetriesAndAHundredThrottled) {
  AwsRetryQuota transient{AwsRetryQuotaOptions::standard_2026()};
  EXPECT_EQ(retries_until_empty(transient, AttemptOutcome::timed_out), 35);
  EXPECT_EQ(transient.tokens(), 500U - 35U * 14U);
  AwsRetryQuota throttled{AwsRetryQuotaOptions::standard_2026()};
  EXPECT_EQ(retries_until_empty(throttled, AttemptOutcome::throttled), 100);
}

TEST(AwsRetryQuota, GivesBackTheLastRetrysCostWhenItSucceeds) {
  AwsRetryQuota quota;
  ASSERT_TRUE(quota.try_withdraw(kNow, AttemptOutcome::timed_out));
  const auto second = quota.try_withdraw(kNow, AttemptOutcome::unavailable);
  EXPECT_EQ(quota.tokens(), 485U);
  quota.attempt_ended(kNow, kSuccess, Retryable::no, second);
  EXPECT_EQ(quota.tokens(), 490U);
}

TEST(AwsRetryQuota, NeedsFiveFirstSuccessesForOneRetryOnceEmpty) {
  AwsRetryQuota quota;
  retries_until_empty(quota, AttemptOutcome::unavailable);
  for (int i = 0; i < 4; ++i) {
    quota.attempt_ended(kNow, kSuccess, Retryable::no, std::nullopt);
  }
  EXPECT_FALSE(quota.try_withdraw(kNow, AttemptOutcome::unavailable));
  quota.attempt_ended(kNow, kSuccess, Retryable::no, std::nullopt);
  EXPECT_TRUE(quota.try_withdraw(kNow, AttemptOutcome::unavailable));
}

TEST(AwsRetryQuota, NeverExceedsItsCapacity) {
  AwsRetryQuota quota;
  quota.attempt_ended(kNow, kSuccess, Retryable::no, std::nullopt);
  EXPECT_EQ(quota.tokens(), 500U);
}

}  // namespace
}  // namespace windtunnel::retry
