#include "models/client/zipf.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::client {
namespace {

/// Pearson's statistic of `draws` draws against the probabilities of the definition, in deviations
/// of its chi-square distribution.
double deviations_from_definition(std::uint64_t count, double exponent, double tested_exponent) {
  constexpr int kDraws = 400'000;
  const Zipf zipf{count, exponent};
  RandomStream random{1, "zipf"};
  std::vector<double> counts(count);
  for (int i = 0; i < kDraws; ++i) {
    ++counts.at(zipf(random));
  }
  double total = 0;
  for (std::uint64_t k = 1; k <= count; ++k) {
    total += std::pow(static_cast<double>(k), -tested_exponent);
  }
  double statistic = 0;
  for (std::uint64_t k = 1; k <= count; ++k) {
    const double expected = kDraws * std::pow(static_cast<double>(k), -tested_exponent) / total;
    statistic += (counts[k - 1] - expected) * (counts[k - 1] - expected) / expected;
  }
  const double freedom = static_cast<double>(count) - 1;
  return (statistic - freedom) / std::sqrt(2 * freedom);
}

TEST(Zipf, DrawsAsItsDefinitionSays) {
  for (const double exponent : {0.0, 0.5, 0.99, 1.0, 1.01, 2.0}) {
    for (const std::uint64_t count : {2U, 10U, 100U}) {
      EXPECT_LT(std::abs(deviations_from_definition(count, exponent, exponent)), 4)
          << count << ' ' << exponent;
    }
  }
}

TEST(Zipf, IsTestedByATestThatTellsExponentsApart) {
  EXPECT_GT(deviations_from_definition(100, 1.0, 1.03), 10);
}

TEST(Zipf, StaysWithinItsCountOnTheLargestSets) {
  for (const double exponent : {0.5, 1.0, 3.0}) {
    const Zipf zipf{1'000'000'000, exponent};
    RandomStream random{1, "zipf"};
    for (int i = 0; i < 10'000; ++i) {
      ASSERT_LT(zipf(random), 1'000'000'000U);
    }
  }
  const Zipf alone{1, 1.0};
  RandomStream random{1, "zipf"};
  EXPECT_EQ(alone(random), 0U);
}

}  // namespace
}  // namespace windtunnel::client
