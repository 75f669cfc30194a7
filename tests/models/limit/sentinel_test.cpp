// Sentinel's rules against figures worked out from its sources and, for the window, a naive count.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "models/limit/sentinel_qps.hpp"
#include "models/limit/sentinel_throttling.hpp"
#include "models/limit/sentinel_warm_up.hpp"
#include "runtime/check.hpp"
#include "tests/models/limit/trace.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(SentinelWindow, CountsTheTwoBucketsAndTheSecondBefore) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "sentinel window"};
    SentinelWindow window;
    std::vector<Arrival> added;
    for (const Arrival& arrival : random_trace(random, {.permit = milliseconds{90}, .n_max = 5})) {
      window.advance(arrival.at);
      window.add(arrival.n);
      added.push_back(arrival);
      const std::int64_t bucket = nanoseconds_of(arrival.at) / 500'000'000;
      std::uint64_t passed = 0;
      std::uint64_t passed_before = 0;
      for (const Arrival& earlier : added) {
        const std::int64_t its_bucket = nanoseconds_of(earlier.at) / 500'000'000;
        passed += its_bucket >= bucket - 1 ? earlier.n : 0;
        passed_before += its_bucket / 2 == bucket / 2 - 1 ? earlier.n : 0;
      }
      ASSERT_EQ(window.passed(), passed) << "seed " << seed;
      ASSERT_EQ(window.passed_in_previous_second(), passed_before) << "seed " << seed;
    }
  }
}

TEST(SentinelQps, AdmitsItsLimitInItsTwoBuckets) {
  SentinelQps rule{10};
  std::uint32_t admitted = 0;
  for (int request = 0; request < 20; ++request) {
    admitted += rule.admit(Instant{milliseconds{499}}).admitted ? 1U : 0U;
  }
  EXPECT_EQ(admitted, 10U);
  EXPECT_EQ(rule.admit(Instant{milliseconds{600}}), Decision::refuse(milliseconds{400}));
  // The bucket that passed ten has left, half a second and a millisecond after they did.
  EXPECT_TRUE(rule.admit(Instant{milliseconds{1'000}}).admitted);
}

TEST(SentinelThrottling, CountsMillisecondsOnlyWhereAnIntervalIsWhole) {
  EXPECT_FALSE((SentinelThrottling{{.count = 10}}.counts_nanoseconds()));
  EXPECT_TRUE((SentinelThrottling{{.count = 3}}.counts_nanoseconds()));
  EXPECT_TRUE((SentinelThrottling{{.count = 2'000}}.counts_nanoseconds()));
}

TEST(SentinelThrottling, SpacesRequestsUpToItsQueueingTime) {
  SentinelThrottling rule{{.count = 10, .queueing_milliseconds_max = 500}};
  const Instant now{seconds{5}};
  for (const int wait : {0, 100, 200, 300, 400, 500}) {
    EXPECT_EQ(rule.admit(now), Decision::pass(milliseconds{wait}));
  }
  EXPECT_EQ(rule.admit(now), Decision::refuse(milliseconds{100}));
  EXPECT_EQ(rule.admit(now + milliseconds{100}), Decision::pass(milliseconds{500}));
}

TEST(SentinelThrottling, RoundsTheIntervalToTheNearestNanosecond) {
  SentinelThrottling rule{{.count = 3}};
  const Instant now{seconds{5}};
  EXPECT_EQ(rule.admit(now), Decision::pass());
  EXPECT_EQ(rule.admit(now), Decision::pass(Duration{333'333'333}));
  EXPECT_FALSE(rule.admit(now).admitted);
}

TEST(SentinelThrottling, ChargesARequestOfManyBeforeItPasses) {
  SentinelThrottling rule{{.count = 10}};
  EXPECT_EQ(rule.admit(Instant{seconds{5}}), Decision::pass());
  EXPECT_EQ(rule.admit(Instant{seconds{5}}, 4), Decision::pass(milliseconds{400}));
}

TEST(SentinelWarmUp, HasTheLinesOfItsFormula) {
  const SentinelWarmUp rule{{.count = 100, .warm_up_seconds = 10, .cold_factor = 3}};
  EXPECT_EQ(rule.warning_tokens(), 500);
  EXPECT_EQ(rule.tokens_max(), 1'000);
  EXPECT_DOUBLE_EQ(rule.slope(), 4e-5);
  EXPECT_DOUBLE_EQ(rule.allowed_qps(), 100.0 / 3);
}

/// What passes in each second when `offered` requests arrive evenly spread in each.
std::vector<std::uint32_t> passed_by_second(SentinelWarmUp& rule, int from, int to, int offered) {
  std::vector<std::uint32_t> passed;
  for (int second = from; second < to; ++second) {
    std::uint32_t count = 0;
    for (int request = 0; request < offered; ++request) {
      const Duration into = Duration{1'000'000'000LL * request / offered};
      count += rule.admit(Instant{seconds{second} + into}).admitted ? 1U : 0U;
    }
    passed.push_back(count);
  }
  return passed;
}

TEST(SentinelWarmUp, RisesFromAThirdToItsFullRateAndStaysThere) {
  SentinelWarmUp rule{{.count = 100, .warm_up_seconds = 10, .cold_factor = 3}};
  const std::vector<std::uint32_t> passed = passed_by_second(rule, 0, 30, 200);
  EXPECT_EQ(passed.front(), 33U);
  EXPECT_TRUE(std::is_sorted(passed.begin(), passed.begin() + 8));
  const auto warm = std::find_if(passed.begin(), passed.end(), [](auto n) { return n >= 95; });
  ASSERT_NE(warm, passed.end());
  // From cold at c/3 … c, a second takes about 55 tokens: 500 last some nine seconds.
  EXPECT_NEAR(static_cast<double>(warm - passed.begin()), 9, 2);
  EXPECT_GT(*std::min_element(warm, passed.end()), 90U);
}

TEST(SentinelWarmUp, CoolsDownWhileHardlyUsed) {
  SentinelWarmUp rule{{.count = 100, .warm_up_seconds = 10, .cold_factor = 3}};
  (void)passed_by_second(rule, 0, 30, 200);
  ASSERT_LT(rule.stored_tokens(), rule.warning_tokens());

  (void)passed_by_second(rule, 30, 50, 10);
  EXPECT_GE(rule.stored_tokens(), 980);
  EXPECT_LT(rule.allowed_qps(), 35);
}

TEST(SentinelWarmUp, RefusesFactorsThatDoNotCool) {
  EXPECT_THROW((SentinelWarmUp{{.cold_factor = 1}}), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel::limit
