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

/// Attempts of one second, of which a share is outrun.
proxy::LatencyCounts hedged(std::uint64_t attempts, double outrun, RandomStream& random) {
  proxy::LatencyCounts counts;
  for (std::uint64_t i = 0; i < attempts; ++i) {
    const bool is_outrun = static_cast<double>(random.below(1'000'000)) < outrun * 1'000'000;
    proxy::add_to(counts, is_outrun ? proxy::outrun_bucket_of(12ms) : proxy::bucket_of(10ms), 1);
  }
  return counts;
}

/// How many of a hundred canaries are found slow, of whose attempts such a share is outrun.
int found_slow(double of_stable, double of_canary) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "hedged"};
    SlowShareCheck check;
    for (int second = 0; second < 120; ++second) {
      const proxy::LatencyCounts stable = hedged(190, of_stable, random);
      observe(check, {}, stable, hedged(10, of_canary, random));
      if (rejects(check.evidence, 0.05)) {
        ++found;
        break;
      }
    }
  }
  return found;
}

TEST(SlowShareCheck, TakesThoseThatHedgesOutranForSlowerThanAnyLimit) {
  EXPECT_LE(found_slow(0.002, 0.002), 5);
  EXPECT_GE(found_slow(0.002, 0.2), 98);
}

// A hedge after the P95 outruns one attempt in twenty of a good version, and hides its P99.
TEST(SlowShareCheck, AllowsACanaryToBeOutrunAsOftenAsTheStableVersion) {
  for (const double share : {0.02, 0.05, 0.5}) {
    EXPECT_LE(found_slow(share, share), 5) << share;
  }
  EXPECT_GE(found_slow(0.05, 0.3), 98);
}

}  // namespace
}  // namespace windtunnel::rollout
