#include "chaos/measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "runtime/check.hpp"
#include "runtime/random.hpp"

namespace windtunnel::chaos {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<SeedSample> samples_of(const std::vector<double>& values) {
  std::vector<SeedSample> samples;
  for (const double value : values) {
    samples.push_back({.seed = samples.size() + 1, .value = value});
  }
  return samples;
}

std::vector<double> one_to(int last) {
  std::vector<double> values(static_cast<std::size_t>(last));
  std::iota(values.begin(), values.end(), 1.0);
  return values;
}

TEST(Quantile, InterpolatesBetweenNeighboursAsDefinition7) {
  // Of 1 … n, definition 7 gives 1 + (n − 1)·p.
  EXPECT_DOUBLE_EQ(quantile(one_to(4), 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile(one_to(4), 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile(one_to(4), 0.75), 3.25);
  EXPECT_DOUBLE_EQ(quantile(one_to(10), 0.95), 9.55);
  EXPECT_DOUBLE_EQ(quantile(one_to(101), 0.99), 100);
  EXPECT_DOUBLE_EQ(quantile(one_to(7), 0), 1);
  EXPECT_DOUBLE_EQ(quantile(one_to(7), 1), 7);
}

TEST(Quantile, OfOneSampleIsThatSample) {
  EXPECT_EQ(quantile(one_to(1), 0.95), 1);
  EXPECT_EQ(quantile(std::vector{infinity}, 0.95), infinity);
}

TEST(Quantile, IsInfiniteOnceItReachesACensoredSample) {
  const std::vector<double> values{1, 2, 3, 4, infinity};

  EXPECT_EQ(quantile(values, 0.5), 3);
  EXPECT_EQ(quantile(values, 0.75), 4);
  EXPECT_EQ(quantile(values, 0.76), infinity);
  EXPECT_EQ(quantile(std::vector{infinity, infinity}, 0.5), infinity);
}

TEST(Statistics, SummarizeSamplesOfAnyOrder) {
  const SampleStatistics s = summarize(samples_of({4, 1, 3, 5, 2}));

  EXPECT_EQ(s.n, 5U);
  EXPECT_EQ(s.censored, 0U);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.mean, 3);
  EXPECT_EQ(s.p50, 3);
  EXPECT_DOUBLE_EQ(s.p95, 4.8);
  EXPECT_DOUBLE_EQ(s.p99, 4.96);
  EXPECT_EQ(s.max, 5);
  EXPECT_EQ(s.seed_of_min, 2U);
  EXPECT_EQ(s.seed_of_max, 4U);
}

TEST(Statistics, SortCensoredSamplesLast) {
  const SampleStatistics s = summarize(samples_of({infinity, 1, infinity, 2, 3}));

  EXPECT_EQ(s.n, 5U);
  EXPECT_EQ(s.censored, 2U);
  EXPECT_EQ(s.min, 1);
  EXPECT_EQ(s.p50, 3);
  EXPECT_EQ(s.p95, infinity);
  EXPECT_EQ(s.mean, infinity);
  EXPECT_EQ(s.max, infinity);
  EXPECT_EQ(s.seed_of_max, 1U) << "the lowest seed among equals";
}

TEST(Statistics, RefuseNoSamplesAndNaN) {
  EXPECT_THROW((void)summarize({}), ProgrammingError);
  EXPECT_THROW((void)summarize(samples_of({1, std::nan("")})), ProgrammingError);
}

TEST(Statistics, NameTheStatisticThatABoundAsksFor) {
  const SampleStatistics s = summarize(samples_of(one_to(101)));
  const std::vector<double> ascending = one_to(101);

  for (const SeedStatistic statistic :
       {SeedStatistic::min, SeedStatistic::mean, SeedStatistic::p50, SeedStatistic::p95,
        SeedStatistic::p99, SeedStatistic::max}) {
    EXPECT_EQ(statistic_of(s, statistic), statistic_of(ascending, statistic));
  }
  EXPECT_EQ(statistic_of(s, SeedStatistic::min), 1);
  EXPECT_EQ(statistic_of(s, SeedStatistic::mean), 51);
  EXPECT_EQ(statistic_of(s, SeedStatistic::p50), 51);
  EXPECT_EQ(statistic_of(s, SeedStatistic::p95), 96);
  EXPECT_EQ(statistic_of(s, SeedStatistic::p99), 100);
  EXPECT_EQ(statistic_of(s, SeedStatistic::max), 101);
}

TEST(Bootstrap, OfResamplesEqualToTheSampleIsTheStatisticItself) {
  std::uint64_t next = 0;
  const auto round_robin = [&](std::uint64_t bound) { return next++ % bound; };

  const Interval interval = bootstrap_interval(one_to(11), SeedStatistic::p95, round_robin);

  EXPECT_DOUBLE_EQ(interval.low, 10.5);
  EXPECT_DOUBLE_EQ(interval.high, 10.5);
}

TEST(Bootstrap, OfTheMeanAgreesWithTheCentralLimitTheorem) {
  // The mean of 1 … 100 has the standard error sqrt((100² − 1) / 12 / 100) = 2.8866.
  RandomStream stream{1, "bootstrap"};
  const auto draw = [&](std::uint64_t bound) { return stream.below(bound); };

  const Interval interval =
      bootstrap_interval(one_to(100), SeedStatistic::mean, draw, {.resamples = 20000});

  EXPECT_NEAR(interval.low, 50.5 - 1.96 * 2.8866, 0.15);
  EXPECT_NEAR(interval.high, 50.5 + 1.96 * 2.8866, 0.15);
}

TEST(Bootstrap, IsWiderWithMoreConfidence) {
  const auto interval_at = [](double confidence) {
    RandomStream stream{1, "bootstrap"};
    return bootstrap_interval(one_to(50), SeedStatistic::p50,
                              [&](std::uint64_t bound) { return stream.below(bound); },
                              {.confidence = confidence});
  };

  EXPECT_LT(interval_at(0.99).low, interval_at(0.5).low);
  EXPECT_GT(interval_at(0.99).high, interval_at(0.5).high);
}

TEST(Bootstrap, ReachesInfinityWhereSamplesAreCensored) {
  RandomStream stream{1, "bootstrap"};
  std::vector<double> ascending = one_to(9);
  ascending.push_back(infinity);

  const Interval interval = bootstrap_interval(
      ascending, SeedStatistic::max, [&](std::uint64_t bound) { return stream.below(bound); });

  EXPECT_EQ(interval.high, infinity);
  EXPECT_TRUE(std::isfinite(interval.low));
}

RC_GTEST_PROP(StatisticsProperty, AreOrderedAndWithinTheSamples, (const std::vector<int>& values)) {
  RC_PRE(!values.empty());
  std::vector<double> numbers(values.begin(), values.end());
  const SampleStatistics s = summarize(samples_of(numbers));

  const std::vector<double> rising{s.min, s.p50, s.p95, s.p99, s.max};
  RC_ASSERT(std::ranges::is_sorted(rising));
  RC_ASSERT(s.min <= s.mean && s.mean <= s.max);
  RC_ASSERT(numbers[s.seed_of_max - 1] == s.max);
  RC_ASSERT(numbers[s.seed_of_min - 1] == s.min);
}

}  // namespace
}  // namespace windtunnel::chaos
