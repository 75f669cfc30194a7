#include "models/client/arrival_process.hpp"

#include <algorithm>
#include <cmath>
#include <iostream>

#include <gtest/gtest.h>

namespace windtunnel::client {
namespace {

using namespace std::chrono_literals;

std::vector<double> seconds_until(ArrivalProcess& process, double end) {
  std::vector<double> due;
  while (const auto next = process.next()) {
    const double at = static_cast<double>(next->count()) / 1e9;
    if (at >= end) {
      break;
    }
    due.push_back(at);
  }
  return due;
}

std::vector<double> seconds_until(Arrivals arrivals, double end, std::uint64_t seed = 1) {
  ArrivalProcess process{std::move(arrivals), RandomStream{seed, "arrivals"}};
  return seconds_until(process, end);
}

std::vector<double> counts_of(const std::vector<double>& due, double window, double end) {
  std::vector<double> counts(static_cast<std::size_t>(end / window));
  for (const double at : due) {
    const auto index = static_cast<std::size_t>(at / window);
    if (index < counts.size()) {
      ++counts[index];
    }
  }
  return counts;
}

double mean_of_all(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) {
    sum += value;
  }
  return sum / static_cast<double>(values.size());
}

/// Variance over mean: 1 for a Poisson process.
double dispersion(const std::vector<double>& counts) {
  const double mean = mean_of_all(counts);
  double square = 0;
  for (const double count : counts) {
    square += (count - mean) * (count - mean);
  }
  return square / static_cast<double>(counts.size() - 1) / mean;
}

/// The Kolmogorov-Smirnov statistic of the gaps against an exponential of this rate, times the
/// square root of their number: above 1.95 in one of a thousand samples.
double ks_of_gaps(const std::vector<double>& due, double rate) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < due.size(); ++i) {
    gaps.push_back(due[i] - due[i - 1]);
  }
  std::sort(gaps.begin(), gaps.end());
  const auto n = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double expected = 1 - std::exp(-rate * gaps[i]);
    distance = std::max({distance, std::abs(expected - static_cast<double>(i) / n),
                         std::abs(expected - static_cast<double>(i + 1) / n)});
  }
  return distance * std::sqrt(n);
}

TEST(PoissonArrivals, HaveExponentialGaps) {
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto due = seconds_until(PoissonArrivals{RateProfile{1000}}, 20, seed);
    rejected += ks_of_gaps(due, 1000) > 1.95 ? 1 : 0;
  }
  // 0.2 expected.
  EXPECT_LE(rejected, 2);
}

TEST(PoissonArrivals, AreTestedByATestThatRejectsEvenGaps) {
  EXPECT_GT(ks_of_gaps(seconds_until(ConstantArrivals{RateProfile{1000}}, 20), 1000), 10);
}

TEST(PoissonArrivals, HaveCountsWhoseVarianceIsTheirMean) {
  // The dispersion of 10,000 windows has a deviation of sqrt(2 / 10,000).
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto due = seconds_until(PoissonArrivals{RateProfile{1000}}, 100, seed);
    const auto counts = counts_of(due, 0.01, 100);
    EXPECT_NEAR(dispersion(counts), 1, 4 * std::sqrt(2.0 / 10'000)) << seed;
    EXPECT_NEAR(mean_of_all(counts), 10, 4 * std::sqrt(10.0 / 10'000)) << seed;
  }
}

TEST(PoissonArrivals, FollowStepsAndRamps) {
  const RateProfile profile{std::vector<RatePoint>{{0s, 1000, RateChange::step},
                                                   {10s, 0, RateChange::step},
                                                   {20s, 0, RateChange::ramp},
                                                   {40s, 2000, RateChange::ramp},
                                                   {50s, 500, RateChange::step}}};
  const double expected[] = {10'000, 0, 5'000, 15'000, 12'500, 5'000};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const auto counts = counts_of(seconds_until(PoissonArrivals{profile}, 60, seed), 10, 60);
    for (std::size_t i = 0; i < 6; ++i) {
      EXPECT_NEAR(counts[i], expected[i], 4.5 * std::sqrt(expected[i])) << seed << ' ' << i;
    }
  }
}

TEST(PoissonArrivals, RescaledByTheIntegralOfTheirRateAreHomogeneous) {
  // The time-rescaling theorem: on a ramp from 0, the squares of the times are a Poisson process.
  const RateProfile ramp{std::vector<RatePoint>{{0s, 0, RateChange::ramp}, {100s, 2000}}};
  int rejected = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    auto due = seconds_until(PoissonArrivals{ramp}, 100, seed);
    for (double& at : due) {
      at = 10 * at * at;
    }
    rejected += ks_of_gaps(due, 1) > 1.95 ? 1 : 0;
  }
  EXPECT_LE(rejected, 1);
}

TEST(ConstantArrivals, AreEvenlySpacedAndDoNotDrift) {
  ArrivalProcess process{ConstantArrivals{RateProfile{3}}, RandomStream{1, "arrivals"}};
  std::optional<Duration> due;
  for (int i = 0; i < 3 * 86'400; ++i) {
    due = process.next();
  }
  EXPECT_EQ(due, Duration{24h});
}

TEST(ConstantArrivals, EndWhereTheRateStaysZero) {
  const RateProfile burst{std::vector<RatePoint>{{1s, 10}, {2s, 0}}};
  ArrivalProcess process{ConstantArrivals{burst}, RandomStream{1, "arrivals"}};
  const auto due = seconds_until(process, 1e9);
  ASSERT_EQ(due.size(), 10U);
  EXPECT_NEAR(due.front(), 1.1, 1e-9);
  EXPECT_EQ(process.next(), std::nullopt);
}

TEST(BurstyArrivals, HaveTheMeanAndTheDispersionOfAnMMPP2) {
  // Fischer and Meier-Hellstern, "The Markov-modulated Poisson process cookbook" (1993): the
  // dispersion of counts over long windows.
  const BurstyArrivals bursty{1000, 100, 200ms, 800ms};
  const double leave_on = 1 / 0.2;
  const double leave_off = 1 / 0.8;
  const double both = leave_on + leave_off;
  const double mean = (1000 * leave_off + 100 * leave_on) / both;
  const double limit = 1 + 2 * 900.0 * 900.0 * leave_on * leave_off /
                               (both * both * (1000 * leave_off + 100 * leave_on));
  const auto counts = counts_of(seconds_until(bursty, 40'000), 20, 40'000);
  std::cout << "mean " << mean_of_all(counts) / 20 << " (expected " << mean << "), dispersion "
            << dispersion(counts) << " (expected " << limit << ")\n";
  EXPECT_NEAR(mean_of_all(counts) / 20, mean, 0.02 * mean);
  // Two thousand windows: 3.2 % a deviation; 20 s are long, not infinite.
  EXPECT_NEAR(dispersion(counts), limit, 0.12 * limit);
}

TEST(ReplayedArrivals, ComeAsTheyWereRecorded) {
  const std::vector<Duration> trace = {0ns, 5ms, 5ms, 7s};
  ArrivalProcess process{ReplayedArrivals{trace}, RandomStream{1, "arrivals"}};
  for (const Duration due : trace) {
    EXPECT_EQ(process.next(), due);
  }
  EXPECT_EQ(process.next(), std::nullopt);
}

TEST(RateCursor, InvertsTheIntegralOfEveryProfile) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random{seed, "profiles"};
    std::vector<RatePoint> points;
    Duration at{};
    for (std::uint64_t i = 0; i <= random.below(6); ++i) {
      at += random.uniform(1ms, 10s);
      points.push_back({at, static_cast<double>(random.below(4)) * 100,
                        random.below(2) == 0 ? RateChange::step : RateChange::ramp});
    }
    const RateProfile profile{points};
    RateCursor cursor;
    // The integral again, by the trapezoid rule in small steps from one answer to the next.
    double integral = 0;
    Duration reached{};
    for (double amount = 50; amount < 2000; amount += 50) {
      const auto when = cursor.when(profile, amount);
      if (!when) {
        break;
      }
      constexpr Duration kStep = 100us;
      for (; reached < *when; reached += kStep) {
        const Duration step = std::min(kStep, *when - reached);
        integral += (profile.rate_at(reached) + profile.rate_at(reached + step - 1ns)) / 2 *
                    static_cast<double>(step.count()) / 1e9;
      }
      reached = *when;
      ASSERT_NEAR(integral, amount, 0.2) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace windtunnel::client
