#include "models/balance/random_choice.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/power_of_choices.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

/// Pearson's statistic of `picks` picks against shares in proportion to `parts`.
double chi_square(Policy& policy, const std::vector<std::uint32_t>& parts, int picks,
                  const PickRequest& request = {}) {
  std::vector<double> counts(parts.size());
  for (int i = 0; i < picks; ++i) {
    ++counts[policy.pick(Instant{}, request)->value()];
  }
  const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  double statistic = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const double expected = 1.0 * picks * parts[i] / sum;
    if (parts[i] == 0) {
      EXPECT_EQ(counts[i], 0);
    } else {
      statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
    }
  }
  return statistic;
}

// Four degrees of freedom: 23.5 is exceeded once in ten thousand.
constexpr double kLimit = 23.5;

TEST(RandomChoice, SharesByWeight) {
  MadeEndpoints made{{1, 2, 3, 94, 400}};
  RandomChoice policy{{}, made.input(1)};
  EXPECT_LT(chi_square(policy, {1, 2, 3, 94, 400}, 200'000), kLimit);
}

TEST(RandomChoice, SharesAlikeWhereWeightsAreIgnored) {
  MadeEndpoints made{{1, 2, 3, 94, 0, 400}};
  RandomChoice policy{{RandomShares::uniform}, made.input(1)};
  EXPECT_LT(chi_square(policy, {1, 1, 1, 1, 0, 1}, 200'000), kLimit);
}

TEST(RandomChoice, SharesTheRestByWeightWhereSomeWereTried) {
  MadeEndpoints made{{1, 2, 3, 94, 5}};
  RandomChoice policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{1}, EndpointId{4}};
  EXPECT_LT(chi_square(policy, {1, 0, 3, 94, 0}, 200'000, after(tried)), kLimit);
}

TEST(RandomChoice, PicksATriedEndpointWhereNothingElseIsLeft) {
  MadeEndpoints made{{1, 1}};
  RandomChoice policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{0}, EndpointId{1}};
  EXPECT_TRUE(policy.pick(Instant{}, after(tried)));
}

// A chi-square that cannot fail would pass for wrong shares too.
TEST(RandomChoice, IsCaughtByTheStatisticWhereSharesAreOffByTwoPercent) {
  MadeEndpoints made{{100, 102, 100, 100, 100}};
  RandomChoice policy{{}, made.input(1)};
  EXPECT_GT(chi_square(policy, {98, 104, 100, 100, 100}, 1'000'000), kLimit);
}

TEST(WeightedDraw, SharesAreExactInTheTableItself) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream script{seed, "script"};
    std::vector<std::uint32_t> weights;
    for (std::uint64_t i = 1 + script.below(9); i-- > 0;) {
      weights.push_back(1 + static_cast<std::uint32_t>(script.below(30)));
    }
    MadeEndpoints made{weights};
    const Candidates candidates{made.endpoints};
    const WeightedDraw weighted{candidates};
    for (Slot slot = 0; slot < candidates.size(); ++slot) {
      ASSERT_EQ(weighted.parts_of(slot), std::uint64_t{weights[slot]} * candidates.size())
          << "seed " << seed;
    }
  }
}

TEST(PowerOfChoices, PrefersTheLessLoadedForItsWeight) {
  MadeEndpoints made{{1, 3}};
  made.loads.begin(EndpointId{0});
  made.loads.begin(EndpointId{1});
  made.loads.begin(EndpointId{1});
  PowerOfChoices policy{{}, made.input(1)};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, {}), EndpointId{1});
  }
}

TEST(PowerOfChoices, AvoidsTriedEndpointsWhileThereAreOthers) {
  MadeEndpoints made{{1, 1, 1}};
  PowerOfChoices policy{{}, made.input(1)};
  const std::vector<EndpointId> two{EndpointId{0}, EndpointId{2}};
  const std::vector<EndpointId> all{EndpointId{0}, EndpointId{1}, EndpointId{2}};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, after(two)), EndpointId{1});
    ASSERT_TRUE(policy.pick(Instant{}, after(all)));
  }
}

}  // namespace
}  // namespace windtunnel::balance
