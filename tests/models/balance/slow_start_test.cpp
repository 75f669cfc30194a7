#include "models/balance/slow_start.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace windtunnel::balance {
namespace {

constexpr EndpointId kEndpoint{3};

Instant at(std::int64_t milliseconds) {
  return Instant{std::chrono::milliseconds{milliseconds}};
}

SlowStart entered(double aggression, double share_min = 0.10) {
  SlowStart slow_start{
      {.window = std::chrono::seconds{60}, .aggression = aggression, .share_min = share_min}};
  slow_start.enter(kEndpoint, at(0));
  return slow_start;
}

TEST(SlowStart, GrowsLinearlyFromItsLeastShare) {
  const SlowStart slow_start = entered(1);
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(0)), 0.1);
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(6'000)), 0.1);
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(30'000)), 0.5);
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(60'000)), 1);
}

TEST(SlowStart, FollowsTheFormulaForAnyAggression) {
  for (const double aggression : {0.5, 1.5, 2.0, 4.0}) {
    const SlowStart slow_start = entered(aggression, 0.01);
    for (const std::int64_t elapsed : {1, 500, 6'000, 30'000, 59'999}) {
      const double share = std::pow(static_cast<double>(elapsed) / 60'000, 1 / aggression);
      EXPECT_NEAR(slow_start.share(kEndpoint, at(elapsed)), std::max(share, 0.01), 1e-12);
    }
  }
}

// Envoy's documentation would have 1 s / 60 s here.
TEST(SlowStart, CountsTheFirstMillisecondAsOne) {
  const SlowStart slow_start = entered(1, 1e-9);
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(0)), 1.0 / 60'000);
}

TEST(SlowStart, LeavesEndpointsAloneThatNeverEntered) {
  const SlowStart slow_start = entered(1);
  for (const EndpointId other : {EndpointId{0}, EndpointId{1000}}) {
    EXPECT_DOUBLE_EQ(slow_start.share(other, at(0)), 1);
    EXPECT_FALSE(slow_start.is_warming(other, at(0)));
  }
}

TEST(SlowStart, EndsWithItsWindowAndBeginsAnewWithANewEntry) {
  SlowStart slow_start = entered(1);
  EXPECT_TRUE(slow_start.is_warming(kEndpoint, at(60'000)));
  EXPECT_FALSE(slow_start.is_warming(kEndpoint, at(60'001)));
  slow_start.enter(kEndpoint, at(100'000));
  EXPECT_DOUBLE_EQ(slow_start.share(kEndpoint, at(130'000)), 0.5);
}

}  // namespace
}  // namespace windtunnel::balance
