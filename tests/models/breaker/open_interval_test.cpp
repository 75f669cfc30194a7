#include "models/breaker/open_interval.hpp"

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(OpenInterval, GrowsToItsLimitAndStartsAnew) {
  OpenInterval interval{{.first = seconds{1}, .growth = 2, .longest = seconds{10}, .jitter = {}}};
  RandomStream random{1, "open"};
  for (const int expected : {1, 2, 4, 8, 10, 10}) {
    EXPECT_EQ(interval.next(random), seconds{expected});
  }
  interval.start();
  EXPECT_EQ(interval.next(random), seconds{1});
}

TEST(OpenInterval, DrawsNothingWithoutJitter) {
  OpenInterval interval{{.first = seconds{1}, .growth = 2, .longest = seconds{10}, .jitter = {}}};
  RandomStream random{1, "open"};
  RandomStream untouched{1, "open"};
  (void)interval.next(random);
  EXPECT_EQ(random.next(), untouched.next());
}

// Uniform on [0.5, 1.5] seconds: mean 1 s, deviation 1/√12 s, so that the mean of 20 000 draws is
// within five of its deviations, 10.2 ms, of it.
TEST(OpenInterval, JitterIsUniformAroundTheInterval) {
  RandomStream random{3, "open"};
  Duration sum{};
  Duration least = Duration::max();
  Duration most{};
  constexpr int kDraws = 20'000;
  for (int draw = 0; draw < kDraws; ++draw) {
    OpenInterval interval{
        {.first = seconds{1}, .growth = 1, .longest = seconds{10}, .jitter = Share::percent(50)}};
    const Duration span = interval.next(random);
    sum += span;
    least = std::min(least, span);
    most = std::max(most, span);
  }
  EXPECT_NEAR(static_cast<double>(sum.count()) / kDraws, 1e9, 10.2e6);
  EXPECT_GE(least, milliseconds{500});
  EXPECT_LE(least, milliseconds{502});
  EXPECT_LE(most, milliseconds{1500});
  EXPECT_GE(most, milliseconds{1498});
}

TEST(OpenInterval, JitterNeverExceedsTheLongestInterval) {
  RandomStream random{4, "open"};
  OpenInterval interval{
      {.first = seconds{4}, .growth = 2, .longest = seconds{5}, .jitter = Share::percent(90)}};
  for (int draw = 0; draw < 1000; ++draw) {
    EXPECT_LE(interval.next(random), seconds{5});
  }
}

}  // namespace
}  // namespace windtunnel::breaker
