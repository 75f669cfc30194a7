#include "runtime/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel {
namespace {

using namespace std::chrono_literals;

constexpr int kDraws = 200'000;

std::vector<double> sorted_draws(const DurationDistribution& distribution) {
  RandomStream random{11, "distribution"};
  std::vector<double> draws;
  for (int i = 0; i < kDraws; ++i) {
    draws.push_back(static_cast<double>(sample(distribution, random).count()));
  }
  std::sort(draws.begin(), draws.end());
  return draws;
}

double mean(const std::vector<double>& draws) {
  double sum = 0;
  for (const double draw : draws) {
    sum += draw;
  }
  return sum / static_cast<double>(draws.size());
}

double quantile(const std::vector<double>& draws, double q) {
  return draws[static_cast<std::size_t>(q * static_cast<double>(draws.size()))];
}

TEST(Constant, IsItsValueAndDrawsNothing) {
  RandomStream random{1, "constant"};
  RandomStream untouched{1, "constant"};
  EXPECT_EQ(sample(Constant{3ms}, random), 3ms);
  EXPECT_EQ(random.next(), untouched.next());
}

TEST(Uniform, HasTheMeanAndEndsOfItsInterval) {
  const auto draws = sorted_draws(Uniform{1ms, 3ms});
  EXPECT_NEAR(mean(draws), 2e6, 5 * 2e6 / std::sqrt(12.0 * kDraws));
  EXPECT_GE(draws.front(), 1e6);
  EXPECT_LE(draws.back(), 3e6);
  EXPECT_NEAR(quantile(draws, 0.25), 1.5e6, 1e4);
}

TEST(Exponential, HasTheQuantilesOfItsClosedForm) {
  const auto draws = sorted_draws(Exponential{10ms});
  EXPECT_NEAR(mean(draws), 1e7, 5e7 / std::sqrt(double{kDraws}));
  EXPECT_NEAR(quantile(draws, 0.5), 1e7 * std::log(2.0), 1e5);
  EXPECT_NEAR(quantile(draws, 0.99), 1e7 * std::log(100.0), 1.5e6);
}

TEST(Normal, HasTheQuantilesOfItsClosedForm) {
  const auto draws = sorted_draws(Normal{50ms, 5ms});
  EXPECT_NEAR(mean(draws), 5e7, 5 * 5e6 / std::sqrt(double{kDraws}));
  EXPECT_NEAR(quantile(draws, 0.8413447460685429), 5.5e7, 1e5);
  EXPECT_NEAR(quantile(draws, 0.0227501319481792), 4.0e7, 1.5e5);
}

TEST(Normal, IsCutOffAtZero) {
  const auto draws = sorted_draws(Normal{0ms, 5ms});
  EXPECT_EQ(draws.front(), 0);
  EXPECT_EQ(quantile(draws, 0.45), 0);
  EXPECT_GT(quantile(draws, 0.55), 0);
}

TEST(Lognormal, HasTheMedianAndThe99thPercentileItIsGivenBy) {
  const auto draws = sorted_draws(Lognormal{2ms, 9ms});
  EXPECT_NEAR(quantile(draws, 0.5), 2e6, 2e4);
  EXPECT_NEAR(quantile(draws, 0.99), 9e6, 3e5);
}

TEST(Lognormal, MeanIsThatOfItsClosedForm) {
  const double sigma = std::log(9.0 / 2) / 2.3263478740408408;
  const double expected = 2e6 * std::exp(sigma * sigma / 2);
  EXPECT_NEAR(static_cast<double>(mean_of(Lognormal{2ms, 9ms}).count()), expected, 1);
  EXPECT_NEAR(mean(sorted_draws(Lognormal{2ms, 9ms})), expected, 2e4);
}

TEST(Empirical, DrawsEachValueEquallyOften) {
  const auto draws = sorted_draws(Empirical{{1ns, 2ns, 5ns}});
  for (const double value : {1.0, 2.0, 5.0}) {
    const auto count = std::count(draws.begin(), draws.end(), value);
    EXPECT_NEAR(static_cast<double>(count), kDraws / 3.0, 5 * std::sqrt(kDraws * 2 / 9.0));
  }
  EXPECT_EQ(mean_of(Empirical{{1ns, 2ns, 6ns}}), 3ns);
}

TEST(MeanOf, AgreesWithTheDrawsOfEveryUntruncatedDistribution) {
  for (const DurationDistribution& distribution :
       {DurationDistribution{Constant{4ms}}, DurationDistribution{Uniform{1ms, 2ms}},
        DurationDistribution{Normal{9ms, 1ms}}, DurationDistribution{Exponential{3ms}}}) {
    const auto expected = static_cast<double>(mean_of(distribution).count());
    EXPECT_NEAR(mean(sorted_draws(distribution)), expected, expected * 0.02);
  }
}

TEST(DurationSampler, DrawsWhatSampleDraws) {
  const DurationDistribution distributions[] = {Constant{5ms},       Uniform{1ms, 3ms},
                                                Normal{1ms, 300us},  Exponential{2ms},
                                                Lognormal{1ms, 8ms}, Empirical{{1ms, 2ms, 7ms}}};
  for (const DurationDistribution& distribution : distributions) {
    RandomStream first{7, "sampler"};
    RandomStream second{7, "sampler"};
    const DurationSampler sampler{distribution};
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(sampler(first), sample(distribution, second));
    }
  }
}

TEST(Sample, GivesTheSameBitsOnEveryCompiler) {
  // Recorded once; a compiler, C library or processor that gives others would change digests.
  RandomStream random{42, "golden"};
  EXPECT_EQ(sample(Exponential{1s}, random).count(), 66245578);
  EXPECT_EQ(sample(Normal{1s, 100ms}, random).count(), 1157906809);
  EXPECT_EQ(sample(Lognormal{1s, 3s}, random).count(), 667622757);
}

}  // namespace
}  // namespace windtunnel
