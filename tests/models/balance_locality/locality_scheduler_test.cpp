// Against the sequences and counts of Envoy's tests
// (test/extensions/load_balancing_policies/common/locality_wrr_test.cc).
#include "models/balance/locality_scheduler.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::balance {
namespace {

using Picks = std::vector<std::uint32_t>;

Picks picks_of(const std::vector<double>& weights, int count) {
  LocalityScheduler scheduler{weights, 0};
  Picks picks;
  for (int i = 0; i < count; ++i) {
    picks.push_back(*scheduler.pick());
  }
  return picks;
}

TEST(LocalityScheduler, TakesEqualLocalitiesInTurn) {
  EXPECT_EQ(picks_of({1, 1, 1}, 6), (Picks{0, 1, 2, 0, 1, 2}));
}

TEST(LocalityScheduler, TakesAWeightOfTwoTwice) {
  EXPECT_EQ(picks_of({1, 2}, 6), (Picks{1, 0, 1, 1, 0, 1}));
}

TEST(LocalityScheduler, NeverTakesALocalityWithoutWeight) {
  EXPECT_EQ(picks_of({1, 0, 1}, 6), (Picks{0, 2, 0, 2, 0, 2}));
}

TEST(LocalityScheduler, HasNobodyWhereNothingHasWeight) {
  EXPECT_EQ((LocalityScheduler{std::vector<double>{0, 0}, 5}.pick()), std::nullopt);
  EXPECT_EQ(LocalityScheduler{}.pick(), std::nullopt);
}

// WeightedAllChosen: ten proxies with one configuration and 0 to 9 turns ahead.
TEST(LocalityScheduler, SpreadsFirstPicksOfManyProxiesByWeight) {
  std::array<int, 3> first_picks{};
  for (std::uint64_t turns = 0; turns < 10; ++turns) {
    ++first_picks[*LocalityScheduler{std::vector<double>{1, 6, 3}, turns}.pick()];
  }
  EXPECT_EQ(first_picks, (std::array<int, 3>{1, 6, 3}));
}

// UnhealthyFailover: locality 0 of weight 1 loses its five hosts one by one, locality 1 of weight 2
// keeps its one.
TEST(LocalityScheduler, FailsOverGentlyAsALocalityLosesHosts) {
  const std::vector<std::pair<std::uint32_t, int>> rows{{5, 33}, {4, 33}, {3, 29},
                                                        {2, 22}, {1, 12}, {0, 0}};
  for (const auto& [healthy, picks] : rows) {
    LocalityScheduler scheduler{std::vector<double>{effective_locality_weight(1, healthy, 5, 140),
                                                    effective_locality_weight(2, 1, 1, 140)},
                                0};
    int in_first = 0;
    for (int i = 0; i < 100; ++i) {
      in_first += *scheduler.pick() == 0 ? 1 : 0;
    }
    EXPECT_EQ(in_first, picks) << healthy << " healthy hosts";
  }
}

TEST(LocalityScheduler, CountsNoHostsAsNoWeight) {
  EXPECT_EQ(effective_locality_weight(7, 0, 0, 140), 0);
  EXPECT_EQ(effective_locality_weight(7, 3, 3, 140), 7);
}

// Earliest deadline first is fair at every moment: after n picks nobody is further than one pick
// from its share for each other locality.
TEST(LocalityScheduler, IsNeverFarFromTheShares) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "test.locality"};
    std::vector<double> weights(2 + random.below(6));
    double total = 0;
    for (double& weight : weights) {
      weight = static_cast<double>(1 + random.below(1'000)) / 7;
      total += weight;
    }
    LocalityScheduler scheduler{weights, 0};
    std::vector<double> counts(weights.size());
    for (int pick = 1; pick <= 2'000; ++pick) {
      ++counts[*scheduler.pick()];
      for (std::size_t i = 0; i < weights.size(); ++i) {
        ASSERT_LE(std::abs(counts[i] - pick * weights[i] / total),
                  static_cast<double>(weights.size()))
            << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace windtunnel::balance
