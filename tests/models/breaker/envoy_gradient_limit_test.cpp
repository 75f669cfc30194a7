#include "models/breaker/envoy_gradient_limit.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

// 50 equal latencies fill one bin, [10, 11) ms; its middle is the median.
TEST(DecimalHistogram, InterpolatesWithinItsBins) {
  DecimalHistogram histogram;
  for (int call = 0; call < 50; ++call) {
    histogram.add(milliseconds{10});
  }
  EXPECT_EQ(histogram.quantile(0.5), microseconds{10500});
}

TEST(DecimalHistogram, QuantilesAreWithinATenthOfTheExactOnes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "latencies"};
    DecimalHistogram histogram;
    std::vector<Duration> all;
    for (int call = 0; call < 999; ++call) {
      all.push_back(Duration{static_cast<std::int64_t>(random.exponential() * 30e6) + 10'000});
      histogram.add(all.back());
    }
    std::sort(all.begin(), all.end());
    for (const int percent : {10, 50, 90, 99}) {
      const auto exact =
          static_cast<double>(all[static_cast<std::size_t>(percent * 999 / 100)].count());
      const auto estimate = static_cast<double>(histogram.quantile(percent / 100.0).count());
      EXPECT_NEAR(estimate / exact, 1, 0.11) << "seed " << seed << ", " << percent << " %";
    }
  }
}

/// Calls of one latency, one every 2 ms from `now` on; returns when the last one ended.
Instant feed(EnvoyGradientLimit& limit, Instant now, int calls, Duration rtt) {
  for (int call = 0; call < calls; ++call) {
    now += milliseconds{2};
    limit.observe({now - rtt, rtt, 1, false});
  }
  return now;
}

// The measurement gives 10.5 ms (the middle of its bin), and so does each window: the gradient is
// the buffer, 1.25. From 3: 3.75 + √3.75 → 5, 6.25 + 2.5 → 8, 10 + √10 → 13, 16.25 + √16.25 → 20.
TEST(EnvoyGradientLimit, GrowsByTheBufferAndTheRootOfTheLimit) {
  EnvoyGradientLimit limit{{}, RandomStream{1, "gradient"}, Instant{}};
  Instant now{seconds{1}};
  EXPECT_TRUE(limit.is_measuring());
  EXPECT_EQ(limit.limit(now), 3U);
  now = feed(limit, now, 50, milliseconds{10});
  EXPECT_FALSE(limit.is_measuring());
  EXPECT_EQ(limit.shortest_rtt(), microseconds{10500});
  for (const std::uint32_t expected : {5U, 8U, 13U, 20U}) {
    (void)feed(limit, now, 40, milliseconds{10});
    now += milliseconds{100};
    EXPECT_EQ(limit.limit(now), expected);
  }
}

// Ten times the latency: the gradient is cut off at one half. From 20: 10 + √10 → 13, 6.5 + √6.5 →
// 9, 4.5 + √4.5 → 6, 3 + √3 → 4, 2 + √2 → 3, and there it stays for five windows.
TEST(EnvoyGradientLimit, MeasuresAnewAfterFiveWindowsAtTheMinimum) {
  EnvoyGradientLimit limit{{}, RandomStream{1, "gradient"}, Instant{}};
  Instant now = feed(limit, Instant{seconds{1}}, 50, milliseconds{10});
  const auto window = [&](Duration rtt) {
    (void)feed(limit, now, 40, rtt);
    now += milliseconds{100};
    return limit.limit(now);
  };
  for (const std::uint32_t expected : {5U, 8U, 13U, 20U}) {
    EXPECT_EQ(window(milliseconds{10}), expected);
  }
  for (const std::uint32_t expected : {13U, 9U, 6U, 4U, 3U}) {
    EXPECT_EQ(window(milliseconds{100}), expected);
  }
  for (int windows = 1; windows <= 5; ++windows) {
    EXPECT_FALSE(limit.is_measuring()) << windows;
    EXPECT_EQ(window(milliseconds{100}), 3U);
  }
  EXPECT_TRUE(limit.is_measuring());
}

TEST(EnvoyGradientLimit, MeasuresAboutEveryMinuteAndPutsTheLimitBack) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EnvoyGradientLimit limit{{}, RandomStream{seed, "gradient"}, Instant{}};
    Instant now = feed(limit, Instant{seconds{1}}, 50, milliseconds{10});
    const Instant measured = now;
    std::uint32_t before = 0;
    while (!limit.is_measuring()) {
      before = limit.limit(now);
      (void)feed(limit, now, 5, milliseconds{10});
      now += milliseconds{100};
      (void)limit.limit(now);
      ASSERT_LT(now - measured, seconds{70});
    }
    EXPECT_GE(now - measured, seconds{60});
    EXPECT_EQ(limit.limit(now), 3U);
    now = feed(limit, now + milliseconds{20}, 50, milliseconds{10});
    EXPECT_FALSE(limit.is_measuring());
    EXPECT_EQ(limit.limit(now), before);
  }
}

}  // namespace
}  // namespace windtunnel::breaker
