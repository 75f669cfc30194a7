#include "models/proxy/hierarchical_limit.hpp"

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;

HierarchicalLimitSettings three_levels() {
  return {{{.by = LimitBy::route, .events = 100, .per = 1s, .burst = 20},
           {.by = LimitBy::priority, .events = 60, .per = 1s, .burst = 10},
           {.by = LimitBy::key, .events = 10, .per = 1s, .burst = 3, .buckets = 1'000'000}}};
}

/// The most that were admitted of one kind over what its bucket may give, in any stretch of time.
class Bound {
 public:
  Bound(std::uint64_t per_second, std::uint64_t burst) : per_second_(per_second), burst_(burst) {}

  void admitted(Instant at) { times_.push_back(at); }
  [[nodiscard]] bool holds() const {
    for (std::size_t first = 0; first < times_.size(); ++first) {
      for (std::size_t last = first; last < times_.size(); ++last) {
        const auto span = static_cast<std::uint64_t>((times_[last] - times_[first]).count());
        if (last - first + 1 > burst_ + span * per_second_ / 1'000'000'000) {
          return false;
        }
      }
    }
    return true;
  }

 private:
  std::uint64_t per_second_;
  std::uint64_t burst_;
  std::vector<Instant> times_;
};

TEST(HierarchicalLimit, KeepsTheBoundOfEveryLevelInAnyStretchOfTime) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream random{seed, "hierarchy"};
    HierarchicalLimit limit{three_levels()};
    Bound all{100, 20};
    std::map<std::uint64_t, Bound> priorities;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Bound> users;
    Instant now{};
    for (int i = 0; i < 2000; ++i) {
      now += Duration{static_cast<std::int64_t>(random.below(4'000'000))};
      const std::uint64_t business = random.below(3);
      const std::uint64_t user = random.below(1 + random.below(12));
      if (limit.admit(now, "u" + std::to_string(user), static_cast<std::uint8_t>(business))) {
        all.admitted(now);
        priorities.try_emplace(business, 60, 10).first->second.admitted(now);
        users.try_emplace({business, user}, 10, 3).first->second.admitted(now);
      }
    }
    EXPECT_TRUE(all.holds()) << "seed " << seed;
    for (const auto& [business, bound] : priorities) {
      EXPECT_TRUE(bound.holds()) << "seed " << seed << ", priority " << business;
    }
    for (const auto& [user, bound] : users) {
      EXPECT_TRUE(bound.holds()) << "seed " << seed << ", user " << user.second;
    }
  }
}

// What another level refuses is not lost: who is turned away for one reason has spent nothing.
TEST(HierarchicalLimit, TakesNothingFromALevelWhereAnotherRefuses) {
  HierarchicalLimit limit{three_levels()};
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(limit.admit(Instant{}, "greedy", 0), i < 3);
  }
  for (int user = 0; user < 7; ++user) {
    EXPECT_TRUE(limit.admit(Instant{}, "u" + std::to_string(user), 0)) << user;
  }
  EXPECT_FALSE(limit.admit(Instant{}, "late", 0));  // Its priority has given ten.
  EXPECT_TRUE(limit.admit(Instant{}, "late", 1));
}

TEST(HierarchicalLimit, GivesAUserABucketUnderEachBusinessPriority) {
  HierarchicalLimit limit{three_levels()};
  for (std::uint8_t business = 0; business < 2; ++business) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(limit.admit(Instant{}, "u", business));
    }
    EXPECT_FALSE(limit.admit(Instant{}, "u", business));
  }
  EXPECT_EQ(limit.bucket_count(), 5U);
}

TEST(HierarchicalLimit, HasNoMoreBucketsThanItIsToldHoweverManyUsersThereAre) {
  HierarchicalLimitSettings settings = three_levels();
  settings.levels[2].buckets = 16;
  HierarchicalLimit limit{settings};
  for (int user = 0; user < 10'000; ++user) {
    static_cast<void>(limit.admit(Instant{}, "u" + std::to_string(user), 0));
  }
  EXPECT_EQ(limit.bucket_count(), 18U);
}

TEST(HierarchicalLimit, KeepsWhatIsUsedUpThroughAChangeOfRates) {
  HierarchicalLimit limit{three_levels()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(limit.admit(Instant{}, "u", 0));
  }
  HierarchicalLimitSettings slower = three_levels();
  slower.levels[2].events = 1;
  limit.apply(Instant{}, slower);
  EXPECT_FALSE(limit.admit(Instant{} + 900ms, "u", 0));
  EXPECT_TRUE(limit.admit(Instant{} + 1001ms, "u", 0));
  slower.levels.erase(slower.levels.begin());
  limit.apply(Instant{} + 1001ms, slower);  // Levels of another kind begin anew.
  EXPECT_TRUE(limit.admit(Instant{} + 1001ms, "u", 0));
}

}  // namespace
}  // namespace windtunnel::proxy
