#include "models/balance/envoy_round_robin.hpp"

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

constexpr Duration kWindow = std::chrono::seconds{10};

std::vector<int> counts_at(Policy& policy, Instant now, std::size_t endpoints, int picks) {
  std::vector<int> counts(endpoints);
  for (int i = 0; i < picks; ++i) {
    ++counts[policy.pick(now, {})->value()];
  }
  return counts;
}

TEST(EnvoyRoundRobin, RotatesWithoutAScheduleWhereAllWeightsAreEqual) {
  MadeEndpoints made{{4, 4, 4}};
  EnvoyRoundRobin policy{{}, made.input(1)};
  EXPECT_FALSE(policy.has_schedule());
  const std::uint32_t first = policy.pick(Instant{}, {})->value();
  for (std::uint32_t i = 1; i < 30; ++i) {
    EXPECT_EQ(policy.pick(Instant{}, {})->value(), (first + i) % 3);
  }
}

TEST(EnvoyRoundRobin, SchedulesUnequalWeightsInTheirShares) {
  MadeEndpoints made{{5, 1, 1}};
  EnvoyRoundRobin policy{{}, made.input(1)};
  EXPECT_TRUE(policy.has_schedule());
  EXPECT_EQ(counts_at(policy, Instant{}, 3, 700), (std::vector<int>{500, 100, 100}));
}

// What nginx's workers do after a reload, and these do not: all start at the same endpoint.
TEST(EnvoyRoundRobin, StartsOtherChoosersElsewhere) {
  for (const auto& weights : {std::vector<std::uint32_t>(8, 1), {1, 2, 3, 4, 5, 6, 7, 8}}) {
    MadeEndpoints made{weights};
    std::set<std::uint32_t> first;
    for (std::uint64_t seed = 0; seed < 64; ++seed) {
      EnvoyRoundRobin policy{{}, made.input(seed)};
      first.insert(policy.pick(Instant{}, {})->value());
    }
    EXPECT_GE(first.size(), 6U);
  }
}

TEST(EnvoyRoundRobin, GivesAWarmingEndpointTheShareOfItsWindow) {
  MadeEndpoints made{{1, 1}};
  SlowStart slow_start{{.window = kWindow}};
  slow_start.enter(EndpointId{1}, Instant{});
  EnvoyRoundRobin policy{{.slow_start = &slow_start}, made.input(1)};
  ASSERT_TRUE(policy.has_schedule());
  // At half the window the weights are 1 and 0.5.
  const std::vector<int> counts = counts_at(policy, Instant{kWindow / 2}, 2, 3000);
  EXPECT_NEAR(counts[0], 2000, 2);
  EXPECT_NEAR(counts[1], 1000, 2);
}

TEST(EnvoyRoundRobin, KeepsItsScheduleAfterTheWindowAndASnapshotDropsIt) {
  MadeEndpoints made{{1, 1}};
  SlowStart slow_start{{.window = kWindow}};
  slow_start.enter(EndpointId{1}, Instant{});
  EnvoyRoundRobin during{{.slow_start = &slow_start}, made.input(1)};
  EXPECT_EQ(counts_at(during, Instant{kWindow * 2}, 2, 1000)[0] / 10, 50);
  EXPECT_TRUE(during.has_schedule());
  PolicyInput later = made.input(1);
  later.now = Instant{kWindow * 2};
  EXPECT_FALSE((EnvoyRoundRobin{{.slow_start = &slow_start}, later}.has_schedule()));
}

// The published trap: shares are relative, so a fleet that is all new is not slowed down.
TEST(EnvoyRoundRobin, DoesNotSlowAFleetInWhichEverybodyIsWarming) {
  MadeEndpoints made{{1, 1, 1}};
  SlowStart slow_start{{.window = kWindow}};
  for (const Endpoint& endpoint : made.endpoints) {
    slow_start.enter(endpoint.id, Instant{});
  }
  EnvoyRoundRobin policy{{.slow_start = &slow_start}, made.input(1)};
  for (const int count : counts_at(policy, Instant{kWindow / 10}, 3, 300)) {
    EXPECT_NEAR(count, 100, 1);
  }
}

TEST(EnvoyRoundRobin, RepeatsAPickOfATriedEndpointAsOftenAsItMay) {
  MadeEndpoints made{{1, 1, 1}};
  const std::vector<EndpointId> tried{EndpointId{0}, EndpointId{1}};
  EnvoyRoundRobin twice{{.repicks_max = 2}, made.input(1)};
  EnvoyRoundRobin never{{.repicks_max = 0}, made.input(1)};
  int hits = 0;
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(twice.pick(Instant{}, after(tried)), EndpointId{2});
    hits += never.pick(Instant{}, after(tried)) != EndpointId{2} ? 1 : 0;
  }
  EXPECT_EQ(hits, 200);
}

}  // namespace
}  // namespace windtunnel::balance
