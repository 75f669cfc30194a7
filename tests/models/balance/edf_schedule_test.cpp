#include "models/balance/edf_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::balance {
namespace {

/// A list that is searched for the least (deadline, order).
class NaiveSchedule {
 public:
  explicit NaiveSchedule(const std::vector<double>& weights) {
    for (const double weight : weights) {
      entries_.push_back({1 / weight, ++order_});
    }
  }

  Slot pick(const std::vector<double>& weights) {
    const auto first = std::min_element(
        entries_.begin(), entries_.end(), [](const Entry& left, const Entry& right) {
          return left.deadline < right.deadline ||
                 (left.deadline == right.deadline && left.order < right.order);
        });
    const auto slot = static_cast<Slot>(first - entries_.begin());
    *first = {first->deadline + 1 / weights[slot], ++order_};
    return slot;
  }

 private:
  struct Entry {
    double deadline;
    std::uint64_t order;
  };
  std::vector<Entry> entries_;
  std::uint64_t order_ = 0;
};

std::vector<double> drawn_weights(RandomStream& random, std::uint64_t greatest) {
  std::vector<double> weights;
  for (std::uint64_t i = 1 + random.below(20); i-- > 0;) {
    weights.push_back(1 + static_cast<double>(random.below(greatest)));
  }
  return weights;
}

TEST(EdfSchedule, AgreesWithASearchedListWhileWeightsChange) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "script"};
    std::vector<double> weights = drawn_weights(random, 10);
    // The first insertion of the two differs by the nudge, so the list starts from nudged weights.
    std::vector<double> nudged = weights;
    std::for_each(nudged.begin(), nudged.end(), [](double& weight) { weight += 1e-13; });
    EdfSchedule fast{weights, 0};
    NaiveSchedule naive{nudged};
    for (int step = 0; step < 500; ++step) {
      weights[random.below(weights.size())] = 0.5 + random.unit();
      ASSERT_EQ(fast.pick([&](Slot slot) { return weights[slot]; }), naive.pick(weights))
          << "seed " << seed << ", step " << step;
    }
  }
}

TEST(EdfSchedule, SharesFollowWeightsToWithinOnePick) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "script"};
    const std::vector<double> weights = drawn_weights(random, 50);
    double sum = 0;
    for (const double weight : weights) {
      sum += weight;
    }
    EdfSchedule schedule{weights, static_cast<std::uint32_t>(random.next())};
    std::vector<int> counts(weights.size());
    constexpr int kPicks = 20'000;
    for (int i = 0; i < kPicks; ++i) {
      ++counts[schedule.pick([&](Slot slot) { return weights[slot]; })];
    }
    for (std::size_t i = 0; i < weights.size(); ++i) {
      EXPECT_NEAR(counts[i], kPicks * weights[i] / sum, 2.0) << "seed " << seed;
    }
  }
}

TEST(EdfSchedule, StartsWhereSoManyPicksWouldHaveLedIt) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "script"};
    // Different primes: no two deadlines are equal, so that ties cannot tell the two apart.
    constexpr double kPrimes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
    const std::vector<double> weights(kPrimes, kPrimes + 2 + random.below(std::size(kPrimes) - 2));
    const auto picks = static_cast<std::uint32_t>(random.below(3000));
    EdfSchedule stepped{weights, 0};
    for (std::uint32_t i = 0; i < picks; ++i) {
      static_cast<void>(stepped.pick([&](Slot slot) { return weights[slot]; }));
    }
    EdfSchedule jumped{weights, picks};
    std::vector<int> difference(weights.size());
    for (int i = 0; i < 300; ++i) {
      ++difference[stepped.pick([&](Slot slot) { return weights[slot]; })];
      --difference[jumped.pick([&](Slot slot) { return weights[slot]; })];
      for (const int one : difference) {
        ASSERT_LE(std::abs(one), 1) << "seed " << seed << ", " << picks << " picks";
      }
    }
  }
}

}  // namespace
}  // namespace windtunnel::balance
