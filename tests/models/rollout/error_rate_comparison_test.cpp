#include "models/rollout/error_rate_comparison.hpp"

#include <cmath>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/rollout/made_traffic.hpp"

namespace windtunnel::rollout {
namespace {

using namespace std::chrono_literals;

constexpr PartsPerBillion kFivePercent = 50'000'000;
constexpr std::uint32_t kRuns = 2000;
constexpr std::chrono::duration<std::uint32_t> kLooks{300};  // One a second.

double choose(std::uint64_t n, std::uint64_t k) {
  double ways = 1;
  for (std::uint64_t i = 0; i < k; ++i) {
    ways = ways * static_cast<double>(n - i) / static_cast<double>(i + 1);
  }
  return ways;
}

double probability(const Tally& tally, double rate) {
  return choose(tally.attempts, tally.errors) * std::pow(rate, static_cast<double>(tally.errors)) *
         std::pow(1 - rate, static_cast<double>(tally.attempts - tally.errors));
}

/// By what factor one block of this size is expected to change the evidence, over all its outcomes.
double expected_factor(const ErrorRateComparison& before, std::uint64_t of_stable,
                       std::uint64_t of_canary, double stable_rate, double canary_rate) {
  double sum = 0;
  for (std::uint64_t i = 0; i <= of_stable; ++i) {
    for (std::uint64_t j = 0; j <= of_canary; ++j) {
      const Tally stable{of_stable, i};
      const Tally canary{of_canary, j};
      ErrorRateComparison after = before;
      observe(after, stable, canary);
      sum += probability(stable, stable_rate) * probability(canary, canary_rate) *
             std::exp(log_value_of(after.evidence) - log_value_of(before.evidence));
    }
  }
  return sum;
}

constexpr double kRates[] = {1e-6, 0.001, 0.01, 0.1, 0.5, 0.9, 0.999999};

/// Comparisons with all kinds of pasts.
std::vector<ErrorRateComparison> made_comparisons() {
  std::vector<ErrorRateComparison> all(1);
  RandomStream random{1, "pasts"};
  for (int i = 0; i < 20; ++i) {
    ErrorRateComparison comparison;
    const double rate = random.unit() * random.unit();
    for (int block = 0; block < 10; ++block) {
      Tally stable{random.below(30), 0};
      Tally canary{random.below(30), 0};
      stable.errors = static_cast<std::uint64_t>(rate * static_cast<double>(stable.attempts));
      canary.errors = random.below(canary.attempts + 1);
      observe(comparison, stable, canary);
    }
    all.push_back(comparison);
  }
  return all;
}

// What makes the test valid, by enumeration instead of by argument.
TEST(ErrorRateComparison, IsNeverExpectedToRiseWhereTheCanaryFailsNoMoreOften) {
  for (const ErrorRateComparison& before : made_comparisons()) {
    for (const auto& [of_stable, of_canary] :
         {std::pair{1, 1}, {6, 1}, {1, 6}, {3, 4}, {12, 2}, {0, 5}, {5, 0}}) {
      for (const double stable_rate : kRates) {
        for (const double canary_rate : kRates) {
          if (canary_rate <= stable_rate) {
            EXPECT_LE(
                expected_factor(before, static_cast<std::uint64_t>(of_stable),
                                static_cast<std::uint64_t>(of_canary), stable_rate, canary_rate),
                1 + 1e-9)
                << of_stable << " at " << stable_rate << ", " << of_canary << " at " << canary_rate;
          }
        }
      }
    }
  }
}

TEST(ErrorRateComparison, IsExpectedToRiseWhereTheCanaryFailsMoreOften) {
  ErrorRateComparison before;
  before.stable = {10'000, 10};
  EXPECT_GT(expected_factor(before, 19, 1, 0.001, 0.03), 1.03);
  EXPECT_GT(expected_factor(before, 10, 10, 0.001, 0.03), 1.2);
}

TEST(ErrorRateComparison, LearnsNothingFromOneSideAlone) {
  ErrorRateComparison comparison;
  observe(comparison, {1000, 1}, {});
  observe(comparison, {}, {1000, 900});
  EXPECT_EQ(log_value_of(comparison.evidence), 0);
  EXPECT_EQ(comparison.stable, (Tally{1000, 1}));
  EXPECT_EQ(comparison.canary, (Tally{1000, 900}));
}

struct NoWorse {
  const char* what;
  Traffic traffic;
};

std::ostream& operator<<(std::ostream& out, const NoWorse& canary) {
  return out << canary.what;
}

class NoWorseCanary : public testing::TestWithParam<NoWorse> {};

TEST_P(NoWorseCanary, IsAbortedInNoMoreRunsThanAlphaThoughEveryReportIsLookedAt) {
  const RolloutSpec spec = held_at(kFivePercent, kLooks);
  const std::uint32_t aborted = count_ends(spec, GetParam().traffic, kRuns, Phase::aborted);
  EXPECT_LE(aborted, kRuns / 20) << GetParam().what;
  RolloutSpec strict = spec;
  strict.analysis.alpha = 10'000'000;
  EXPECT_LE(count_ends(strict, GetParam().traffic, kRuns / 4, Phase::aborted), kRuns / 400);
}

TEST_P(NoWorseCanary, IsCondemnedInAQuarterOfTheRunsByWhoeverKeepsLooking) {
  std::uint32_t condemned = 0;
  for (std::uint32_t seed = 1; seed <= kRuns / 4; ++seed) {
    condemned +=
        is_condemned_by_looking(GetParam().traffic, kFivePercent, kLooks.count(), seed) ? 1U : 0U;
  }
  EXPECT_GE(condemned, kRuns / 16) << GetParam().what;
}

TEST_P(NoWorseCanary, IsAbortedInMostRunsByAFixedThreshold) {
  RolloutSpec spec = held_at(kFivePercent, kLooks);
  spec.analysis.kind = AnalysisKind::threshold;
  spec.analysis.interval = 10s;
  EXPECT_GE(count_ends(spec, GetParam().traffic, kRuns / 20, Phase::aborted), kRuns / 20 * 6 / 10)
      << GetParam().what;
}

INSTANTIATE_TEST_SUITE_P(
    Traffic, NoWorseCanary,
    testing::Values(NoWorse{"0.1 %", {}},
                    NoWorse{"0.5 %", {.stable_errors = 0.005, .canary_errors = 0.005}},
                    NoWorse{"5 %", {.stable_errors = 0.05, .canary_errors = 0.05}},
                    NoWorse{"30 % in one minute",
                            {.outage_from = 120, .outage_to = 180, .outage_errors = 0.3}}),
    [](const auto& one) { return "No" + std::to_string(one.index); });

// The figures of docs/data-plane.md, with some room.
TEST(ErrorRateComparison, FindsAWorseCanaryWithTheStatedPower) {
  const RolloutSpec spec = held_at(kFivePercent, 600s);
  const auto aborted = [&](double stable, double canary) {
    return count_ends(spec, {.stable_errors = stable, .canary_errors = canary}, 200,
                      Phase::aborted);
  };
  EXPECT_GE(aborted(0.001, 0.003), 140U);
  EXPECT_GE(aborted(0.001, 0.005), 196U);
  EXPECT_EQ(aborted(0.001, 0.03), 200U);
  EXPECT_GE(aborted(0.01, 0.02), 196U);
}

TEST(ErrorRateComparison, StopsABadCanaryAfterAHundredRequestsInTheMiddleCase) {
  const RolloutSpec spec = held_at(kFivePercent, 600s);
  std::uint32_t early = 0;
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    early += end_of(spec, {.canary_errors = 0.03}, seed).exposed <= 110 ? 1U : 0U;
  }
  EXPECT_GE(early, 100U);
}

TEST(Evidence, IsTheMeanOfWhatItsEffectsAmountTo) {
  Evidence evidence;
  EXPECT_EQ(log_value_of(evidence), 0);
  add_to(evidence, std::vector{std::log(2.0), std::log(6.0)});
  add_to(evidence, std::vector{std::log(3.0), std::log(0.5)});
  EXPECT_NEAR(log_value_of(evidence), std::log((6.0 + 3.0) / 2), 1e-12);
  EXPECT_FALSE(rejects(evidence, 0.2));
  EXPECT_TRUE(rejects(evidence, 0.25));
}

}  // namespace
}  // namespace windtunnel::rollout
