// Against the quantile of the latencies themselves, sorted.
#include "models/retry/latency_quantile.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::retry {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kNow{};

/// Spread over all magnitudes that the histogram knows.
Duration random_latency(RandomStream& random) {
  const auto magnitude = static_cast<int>(random.below(42));
  return Duration{static_cast<std::int64_t>(random.below(std::uint64_t{2} << magnitude))};
}

TEST(LatencyQuantile, IsUnknownBeforeEnoughWasSeen) {
  LatencyQuantile quantile{{.observations_min = 3, .before_that = milliseconds{77}}};
  quantile.observe(kNow, milliseconds{1});
  quantile.observe(kNow, milliseconds{1});
  EXPECT_EQ(quantile.at(kNow), milliseconds{77});
  quantile.observe(kNow, milliseconds{1});
  EXPECT_LE(quantile.at(kNow), microseconds{1'032});
}

TEST(LatencyQuantile, StaysWithinOneThirtySecondOfTheSortedLatencies) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random{seed, "test.quantile"};
    const Probability share = Probability::of_parts(random.below(Probability::kOne + 1));
    LatencyQuantile quantile{{.quantile = share, .observations_min = 1}};
    // Slices of 2.5 s: what counts are the current one and the three before.
    std::vector<std::pair<std::int64_t, Duration>> seen;
    std::int64_t now_ms = 0;
    for (int step = 0; step < 500; ++step) {
      now_ms += static_cast<std::int64_t>(random.below(step % 100 == 99 ? 15'000 : 60));
      const Instant now{milliseconds{now_ms}};
      const std::int64_t slice = now_ms / 2'500;
      seen.emplace_back(slice, random_latency(random));
      quantile.observe(now, seen.back().second);
      std::vector<Duration> counted;
      for (const auto& [when, latency] : seen) {
        if (when > slice - 4) {
          counted.push_back(latency);
        }
      }
      std::sort(counted.begin(), counted.end());
      const std::uint64_t rank =
          (counted.size() * share.parts() + Probability::kOne - 1) / Probability::kOne;
      const Duration exact = counted[std::max<std::uint64_t>(rank, 1) - 1];
      ASSERT_GE(quantile.at(now), exact) << "seed " << seed << " step " << step;
      ASSERT_LE(quantile.at(now), exact + exact / 32 + microseconds{1}) << "seed " << seed;
    }
  }
}

TEST(LatencyQuantile, ForgetsWhatIsOlderThanItsWindow) {
  LatencyQuantile quantile{{.observations_min = 1, .before_that = milliseconds{5}}};
  quantile.observe(kNow, seconds{3});
  EXPECT_GE(quantile.at(Instant{milliseconds{9'999}}), seconds{3});
  EXPECT_EQ(quantile.at(Instant{seconds{10}}), milliseconds{5});
}

TEST(LatencyQuantile, TakesAnyLatency) {
  LatencyQuantile quantile{{.observations_min = 1}};
  quantile.observe(kNow, Duration::min());
  quantile.observe(kNow, Duration::max());
  EXPECT_EQ(quantile.at(kNow), microseconds{std::int64_t{1} << 32});
}

// What a hedge after the observed 95th percentile costs: 5 % more, and never more than the bucket's
// width makes it less.
TEST(LatencyQuantile, MakesHedgingCostItsShare) {
  LatencyQuantile quantile;
  RandomStream random{1, "test.cost"};
  int late = 0;
  constexpr int kCalls = 100'000;
  for (int call = 0; call < kCalls; ++call) {
    const Instant now{milliseconds{call}};
    const Duration latency{static_cast<std::int64_t>(random.exponential() * 20e6)};
    late += call > 1'000 && latency > quantile.at(now) ? 1 : 0;
    quantile.observe(now, latency);
  }
  const double share = late / static_cast<double>(kCalls - 1'000);
  EXPECT_LT(share, 0.052);
  EXPECT_GT(share, 0.044);
}

}  // namespace
}  // namespace windtunnel::retry
