#include "models/limit/hierarchical_limiter.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"
#include "tests/models/limit/trace.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(HierarchicalLimiter, TakesFromEveryLevelOrFromNone) {
  HierarchicalLimiter limiter;
  const LevelId tenant = limiter.add(std::nullopt, Rate::per_second(10), 10, Instant{});
  const LevelId service = limiter.add(tenant, Rate::per_second(5), 5, Instant{});
  const LevelId method = limiter.add(service, Rate::per_second(5), 8, Instant{});

  const HierarchicalDecision refused = limiter.admit(Instant{}, method, 6);
  EXPECT_FALSE(refused.decision.admitted);
  EXPECT_EQ(refused.refused_by, service);
  EXPECT_EQ(limiter.bucket(tenant).available(Instant{}), 10U);
  EXPECT_EQ(limiter.bucket(method).available(Instant{}), 8U);

  EXPECT_TRUE(limiter.admit(Instant{}, method, 5).decision.admitted);
  EXPECT_EQ(limiter.bucket(tenant).available(Instant{}), 5U);
  EXPECT_EQ(limiter.bucket(service).available(Instant{}), 0U);
  EXPECT_EQ(limiter.bucket(method).available(Instant{}), 3U);
}

TEST(HierarchicalLimiter, NamesTheLevelThatMustBeWaitedForLongest) {
  HierarchicalLimiter limiter;
  const LevelId tenant = limiter.add(std::nullopt, Rate::per_second(1), 1, Instant{});
  const LevelId service = limiter.add(tenant, Rate::per_second(10), 1, Instant{});
  ASSERT_TRUE(limiter.admit(Instant{}, service).decision.admitted);

  const HierarchicalDecision refused = limiter.admit(Instant{}, service);
  EXPECT_EQ(refused.refused_by, tenant);
  EXPECT_EQ(refused.decision.retry_after, seconds{1});
}

// Separate buckets, asked in turn and given back what they gave where a later one refuses.
TEST(HierarchicalLimiter, DecidesAsBucketsWithRefundsDo) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "hierarchy"};
    HierarchicalLimiter limiter;
    std::vector<TokenBucket> buckets;
    std::vector<std::vector<std::size_t>> paths;
    for (std::uint32_t level = 0; level < 12; ++level) {
      const Rate rate = Rate::per_second(static_cast<std::int64_t>(1 + random.below(40)));
      const auto burst = static_cast<std::uint32_t>(1 + random.below(10));
      std::vector<std::size_t> path{level};
      std::optional<LevelId> parent;
      if (level > 0 && random.below(5) > 0) {
        parent = LevelId{static_cast<std::uint32_t>(random.below(level))};
        path.insert(path.end(), paths[parent->value()].begin(), paths[parent->value()].end());
      }
      paths.push_back(path);
      buckets.emplace_back(rate, burst, Instant{});
      (void)limiter.add(parent, rate, burst, Instant{});
    }
    for (const Arrival& arrival : random_trace(random, {.permit = milliseconds{50}, .n_max = 3})) {
      const auto level = static_cast<std::uint32_t>(random.below(12));
      std::vector<TokenBucket> tried = buckets;
      bool admitted = true;
      for (const std::size_t place : paths[level]) {
        admitted = admitted && tried[place].admit(arrival.at, arrival.n).admitted;
      }
      if (admitted) {
        buckets = tried;
      }
      const HierarchicalDecision decision = limiter.admit(arrival.at, LevelId{level}, arrival.n);
      ASSERT_EQ(decision.decision.admitted, admitted) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace windtunnel::limit
