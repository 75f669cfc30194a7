#include <vector>

#include <gtest/gtest.h>

#include "models/breaker/aimd_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/vegas_limit.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

LimitSample sample(Duration rtt, std::uint32_t in_flight, bool dropped = false) {
  return {Instant{}, rtt, in_flight, dropped};
}

std::uint32_t limit_of(ConcurrencyLimit& limit) {
  return limit.limit(Instant{});
}

// AIMDLimitTest.java: 10 → 11 on a success, 10 → 9 on a drop. The others by hand.
TEST(AimdLimit, FollowsNetflixsNumbers) {
  AimdLimit grows{{}};
  grows.observe(sample(milliseconds{1}, 10));
  EXPECT_EQ(limit_of(grows), 11U);
  AimdLimit shrinks{{}};
  shrinks.observe(sample(milliseconds{1}, 1, true));
  EXPECT_EQ(limit_of(shrinks), 9U);
  AimdLimit large{{.initial = 100}};
  large.observe(sample(seconds{5} + Duration{1}, 100));
  EXPECT_EQ(limit_of(large), 90U) << "longer than the timeout is a drop";
  large.observe(sample(seconds{5}, 44));
  EXPECT_EQ(limit_of(large), 90U) << "less than half in use: nothing to learn";
  large.observe(sample(seconds{5}, 45));
  EXPECT_EQ(limit_of(large), 91U);
  AimdLimit least{{.initial = 1}};
  least.observe(sample(milliseconds{1}, 1, true));
  EXPECT_EQ(limit_of(least), 1U);
}

VegasLimit vegas(std::uint32_t initial, std::uint32_t maximum, double smoothing = 1) {
  return {{.initial = initial, .maximum = maximum, .smoothing = smoothing},
          RandomStream{1, "vegas"}};
}

// VegasLimitTest.java: increaseLimit, decreaseLimit, noChangeIfWithinThresholds and the case of a
// large limit, with what they assert.
TEST(VegasLimit, FollowsNetflixsTests) {
  struct Case {
    std::uint32_t initial, maximum;
    LimitSample first, second;
    std::uint32_t expected;
  };
  const std::vector<Case> cases{
      {10, 20, sample(milliseconds{10}, 10), sample(milliseconds{10}, 11), 16},
      {10, 20, sample(milliseconds{10}, 10), sample(milliseconds{50}, 11), 9},
      {10, 20, sample(milliseconds{10}, 10), sample(milliseconds{14}, 14), 10},
      {10000, 20000, sample(seconds{10}, 5000), sample(seconds{10}, 6000), 10024},
  };
  for (const Case& expectation : cases) {
    VegasLimit limit = vegas(expectation.initial, expectation.maximum);
    limit.observe(expectation.first);
    EXPECT_EQ(limit_of(limit), expectation.initial);
    limit.observe(expectation.second);
    EXPECT_EQ(limit_of(limit), expectation.expected);
  }
}

// L = 100, so that log10 L = 2: up by 12 to a queue of 2, up by 2 below 6, down by 2 above 12.
TEST(VegasLimit, StepsByTheQueueItEstimates) {
  struct Case {
    double rtt_over_shortest;
    std::uint32_t expected;
  };
  // The queue is 100·(1 − 1/x), rounded up.
  for (const auto& [stretch, expected] : std::vector<Case>{{1, 112},
                                                           {100.0 / 98.5, 112},
                                                           {100.0 / 97.5, 102},
                                                           {100.0 / 95.5, 102},
                                                           {100.0 / 94.5, 100},
                                                           {100.0 / 88.5, 100},
                                                           {100.0 / 87.5, 98}}) {
    VegasLimit limit = vegas(100, 1000);
    limit.observe(sample(milliseconds{100}, 100));
    const auto rtt = Duration{static_cast<std::int64_t>(stretch * 100e6)};
    limit.observe(sample(rtt, 100));
    EXPECT_EQ(limit_of(limit), expected) << "stretch " << stretch;
  }
}

TEST(VegasLimit, DropShrinksItEvenWhereTheLimitWasHardlyUsed) {
  VegasLimit limit = vegas(100, 1000);
  limit.observe(sample(milliseconds{10}, 100));
  limit.observe(sample(milliseconds{10}, 1));
  EXPECT_EQ(limit_of(limit), 100U);
  limit.observe(sample(milliseconds{10}, 1, true));
  EXPECT_EQ(limit_of(limit), 98U);
}

TEST(VegasLimit, SmoothingTakesOverAPart) {
  VegasLimit limit = vegas(100, 1000, 0.5);
  limit.observe(sample(milliseconds{10}, 100));
  limit.observe(sample(milliseconds{10}, 100));
  EXPECT_EQ(limit_of(limit), 106U);
}

// Every jitter·30·L samples, the jitter in [0.5, 1): at a constant L = 10 after 150 to 300 of them.
TEST(VegasLimit, MeasuresTheShortestRoundTripAnew) {
  VegasLimit limit = vegas(10, 10);
  limit.observe(sample(milliseconds{10}, 1));
  int samples = 1;
  while (limit.shortest_rtt() == milliseconds{10}) {
    limit.observe(sample(milliseconds{20}, 1));
    ASSERT_LE(++samples, 300);
  }
  EXPECT_GE(samples, 150);
  EXPECT_EQ(limit.shortest_rtt(), milliseconds{20});
}

// A constant round trip: the gradient is 1, so each sample adds 0.2 · 4.
TEST(Gradient2Limit, GrowsByTheSmoothedQueueWhileRoundTripsAreEven) {
  Gradient2Limit limit{{}};
  for (int step = 1; step <= 10; ++step) {
    limit.observe(sample(milliseconds{100}, 200));
    EXPECT_NEAR(limit.estimate(), 20 + 0.8 * step, 1e-9);
  }
  EXPECT_EQ(limit_of(limit), 28U);
}

// Ten samples of 100 ms make a long-term average of 100 ms; one of 400 ms moves it by 2/601 of 300
// ms to 100.998 ms. The gradient 1.5 · 100.998 / 400 = 0.3787 is cut off at 0.5.
TEST(Gradient2Limit, ShrinksByTheGradient) {
  Gradient2Limit limit{{.initial = 100, .minimum = 20}};
  for (int step = 0; step < 10; ++step) {
    limit.observe(sample(milliseconds{100}, 1));  // Hardly used: the average learns, the limit not.
  }
  EXPECT_EQ(limit_of(limit), 100U);
  limit.observe(sample(milliseconds{400}, 100));
  EXPECT_NEAR(limit.long_rtt(), 100e6 + 300e6 * 2 / 601, 1);
  EXPECT_NEAR(limit.estimate(), 0.8 * 100 + 0.2 * (50 + 4), 1e-9);
  // 200 ms: average 101.327 ms, gradient 0.75995, from 90.8: 72.64 + 0.2 · (69.0036 + 4).
  limit.observe(sample(milliseconds{200}, 100));
  EXPECT_NEAR(limit.estimate(), 87.2407, 1e-3);
}

TEST(Gradient2Limit, LongAverageFallsFasterOnceRoundTripsAreShortAgain) {
  Gradient2Limit limit{{}};
  for (int step = 0; step < 10; ++step) {
    limit.observe(sample(milliseconds{300}, 20));
  }
  limit.observe(sample(milliseconds{100}, 20));
  EXPECT_NEAR(limit.long_rtt(), (300e6 - 200e6 * 2 / 601) * 0.95, 1);
}

TEST(Gradient2Limit, StaysWithinItsBounds) {
  Gradient2Limit limit{{}};
  for (int step = 0; step < 1000; ++step) {
    limit.observe(sample(milliseconds{100}, 1000));
  }
  EXPECT_EQ(limit_of(limit), 200U);
  for (int step = 0; step < 100; ++step) {
    limit.observe(sample(seconds{100}, 1000));
  }
  EXPECT_EQ(limit_of(limit), 20U);
}

}  // namespace
}  // namespace windtunnel::breaker
