#include "models/rollout/slow_share_check.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "tests/models/rollout/made_traffic.hpp"

namespace windtunnel::rollout {
namespace {

using namespace std::chrono_literals;

constexpr PartsPerBillion kTenPercent = 100'000'000;

RolloutSpec watching_the_p99() {
  RolloutSpec spec = held_at(kTenPercent, 200s);
  spec.analysis.p99_rise = 150'000'000;
  return spec;
}

SlowShareCheck with_limit(proxy::LatencyBucket limit) {
  SlowShareCheck check;
  check.limit = limit;
  return check;
}

TEST(SlowShareCheck, FixesItsLimitFromTheStableVersionAloneAndJudgesNothingBefore) {
  SlowShareCheck check;
  const SlowShareOptions options{.rise = 0.5, .baseline = 1000};
  const proxy::LatencyCounts fast{{proxy::bucket_of(10ms), 999}};
  const proxy::LatencyCounts slow{{proxy::bucket_of(90ms), 500}};
  observe(check, options, fast, slow);
  EXPECT_FALSE(check.limit);
  observe(check, options, {{proxy::bucket_of(20ms), 1}}, slow);
  ASSERT_TRUE(check.limit);
  EXPECT_EQ(check.judged, 0U);
  EXPECT_GE(proxy::upper_edge(*check.limit), 15ms);
  EXPECT_LE(proxy::upper_edge(*check.limit), 16ms);
}

// What makes the check valid, by summation over all outcomes.
TEST(SlowShareCheck, IsNeverExpectedToRiseWhereAHundredthOrLessIsSlow) {
  constexpr std::uint64_t kRequests = 40;
  for (const double share : {0.0, 0.001, 0.005, 0.01}) {
    double expected = 0;
    double chance = std::pow(1 - share, static_cast<double>(kRequests));
    for (std::uint64_t slow = 0; slow <= kRequests; ++slow) {
      SlowShareCheck check = with_limit(100);
      proxy::LatencyCounts counts;
      proxy::add_to(counts, 100, kRequests - slow);
      proxy::add_to(counts, 101, slow);
      observe(check, {}, {}, counts);
      expected += chance * std::exp(log_value_of(check.evidence));
      chance *= share / (1 - share) * static_cast<double>(kRequests - slow) /
                static_cast<double>(slow + 1);
    }
    EXPECT_LE(expected, 1 + 1e-9) << share;
  }
}

TEST(SlowShareCheck, PausesNoMoreThanAlphaOfTheCanariesWhoseP99HasNotRisenSoMuch) {
  for (const double factor : {1.0, 1.1}) {
    const Traffic traffic{.canary_slower = factor, .has_latencies = true};
    EXPECT_LE(count_ends(watching_the_p99(), traffic, 200, Phase::paused), 10U) << factor;
  }
}

TEST(SlowShareCheck, PausesACanaryWhoseP99HasRisenByHalf) {
  const Traffic traffic{.canary_slower = 1.5, .has_latencies = true};
  EXPECT_GE(count_ends(watching_the_p99(), traffic, 60, Phase::paused), 57U);
}

}  // namespace
}  // namespace windtunnel::rollout
