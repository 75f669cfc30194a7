#include "models/limit/max_min.hpp"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

using Shares = std::vector<std::uint64_t>;

__extension__ using Wide = unsigned __int128;

TEST(MaxMin, DividesTheDoormanExample) {
  EXPECT_EQ(max_min_shares(120, std::vector<Demand>{{1'000}, {50}, {10}}), (Shares{60, 50, 10}));
}

TEST(MaxMin, DividesTheTextbookExample) {
  // Capacity 10 among 2, 2.6, 4 and 5 is 2, 2.6, 2.7 and 2.7.
  EXPECT_EQ(max_min_shares(100, std::vector<Demand>{{20}, {26}, {40}, {50}}),
            (Shares{20, 26, 27, 27}));
}

TEST(MaxMin, GivesUnitsThatDoNotDivideToTheFirst) {
  EXPECT_EQ(max_min_shares(11, std::vector<Demand>{{100}, {1}, {100}, {100}}),
            (Shares{4, 1, 3, 3}));
}

TEST(MaxMin, CountsHugeDemandsWithoutOverflow) {
  EXPECT_EQ(max_min_shares(UINT64_MAX, std::vector<Demand>{{UINT64_MAX, 3}, {UINT64_MAX, 1}}),
            (Shares{UINT64_MAX / 4 * 3 + 3, UINT64_MAX / 4}));
}

RC_GTEST_PROP(MaxMin, LeavesNobodyAShareThatCouldGrowWithoutTakingFromALesser, ()) {
  const auto capacity = *rc::gen::inRange<std::uint64_t>(0, 10'000);
  const auto wants =
      *rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, 3'000));
  std::vector<Demand> demands;
  for (const std::uint64_t want : wants) {
    demands.push_back({want, *rc::gen::inRange<std::uint32_t>(1, 6)});
  }

  const Shares shares = max_min_shares(capacity, demands);

  const std::uint64_t given = std::accumulate(shares.begin(), shares.end(), std::uint64_t{0});
  const std::uint64_t wanted = std::accumulate(wants.begin(), wants.end(), std::uint64_t{0});
  RC_ASSERT(given == std::min(capacity, wanted));
  for (std::size_t poor = 0; poor < shares.size(); ++poor) {
    RC_ASSERT(shares[poor] <= wants[poor]);
    if (shares[poor] == wants[poor]) {
      continue;
    }
    // The definition: whoever has more per weight, by more than a unit, has nobody left wanting.
    for (std::size_t rich = 0; rich < shares.size(); ++rich) {
      RC_ASSERT(shares[rich] == 0 || Wide{shares[rich] - 1} * demands[poor].weight <=
                                         Wide{shares[poor] + 1} * demands[rich].weight);
    }
  }
}

// Water is poured one unit at a time into whoever stands lowest for its weight.
TEST(MaxMin, FillsAsPouringOneUnitAtATimeDoes) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random{seed, "max min"};
    std::vector<Demand> demands(1 + random.below(8));
    for (Demand& demand : demands) {
      demand.wants = random.below(200);
    }
    const std::uint64_t capacity = random.below(800);
    Shares poured(demands.size());
    for (std::uint64_t unit = 0; unit < capacity; ++unit) {
      std::size_t lowest = demands.size();
      for (std::size_t place = 0; place < demands.size(); ++place) {
        const bool thirsty = poured[place] < demands[place].wants;
        if (thirsty && (lowest == demands.size() || poured[place] < poured[lowest])) {
          lowest = place;
        }
      }
      if (lowest < demands.size()) {
        ++poured[lowest];
      }
    }
    ASSERT_EQ(max_min_shares(capacity, demands), poured) << "seed " << seed;
  }
}

}  // namespace
}  // namespace windtunnel::limit
