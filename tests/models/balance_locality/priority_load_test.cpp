// The division of load among priorities against the figures of Envoy's own tests
// (test/extensions/load_balancing_policies/common/load_balancer_impl_base_test.cc) and comments,
// row by row, and against exact fractions.
#include "models/balance/priority_load.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::balance {
namespace {

/// Hosts, healthy, degraded, excluded, as Envoy's updateHostSet takes them.
struct Row {
  std::string name;
  std::vector<PriorityHosts> priorities;
  std::vector<std::uint32_t> healthy_loads;
  std::vector<std::uint32_t> degraded_loads;
  std::vector<bool> panics;
  PriorityOptions options{};
};

const std::vector<Row> kEnvoyRows{
    // PrioritySelection
    {"all down", {{1}, {1}}, {50, 50}, {0, 0}, {true, true}},
    {"all down, one and two", {{1}, {2}}, {34, 66}, {0, 0}, {true, true}},
    {"the third is up", {{1}, {2}, {1, 1}}, {0, 0, 100}, {0, 0, 0}, {false, false, false}},
    {"the first is back", {{1, 1}, {2}, {1, 1}}, {100, 0, 0}, {0, 0, 0}, {false, false, false}},
    // OverProvisioningFactor
    {"factor 1.4", {{4, 2}, {4, 2}}, {70, 30}, {0, 0}, {false, false}},
    {"factor 1.0",
     {{4, 2}, {4, 2}},
     {50, 50},
     {0, 0},
     {false, false},
     {.overprovisioning_percent = 100}},
    // WeightedPriorityHealth, -Excluded, -Degraded
    {"weights",
     {{4, 2, 0, 0, 0, HealthWeights{6, 0, 10}}, {1, 1, 0, 0, 0, HealthWeights{1, 0, 1}}},
     {60, 40},
     {0, 0},
     {false, false},
     {.overprovisioning_percent = 100}},
    {"weights, one excluded",
     {{3, 1, 0, 1, 0, HealthWeights{4, 0, 10}}, {1, 1, 0, 0, 0, HealthWeights{1, 0, 1}}},
     {40, 60},
     {0, 0},
     {false, false},
     {.overprovisioning_percent = 100}},
    {"weights, degraded",
     {{4, 1, 1, 0, 0, HealthWeights{4, 3, 10}}, {2, 1, 1, 0, 0, HealthWeights{1, 9, 10}}},
     {40, 10},
     {30, 20},
     {false, false},
     {.overprovisioning_percent = 100}},
    // GentleFailover
    {"all up", {{1, 1}, {1, 1}}, {100, 0}, {0, 0}, {false, false}},
    {"half up", {{2, 1}, {2, 1}}, {70, 30}, {0, 0}, {false, false}},
    {"a quarter, all", {{4, 1}, {2, 2}}, {35, 65}, {0, 0}, {false, false}},
    {"a quarter each", {{4, 1}, {4, 1}}, {50, 50}, {0, 0}, {true, true}},
    {"three of four excluded", {{4, 1, 0, 3}, {5, 1}}, {100, 0}, {0, 0}, {false, false}},
    {"all excluded", {{4, 0, 0, 4}, {4, 1}}, {50, 50}, {0, 0}, {true, true}},
    {"excluded hosts count in total panic",
     {{4, 0, 0, 1}, {6, 1, 0, 2}},
     {40, 60},
     {0, 0},
     {true, true}},
    // GentleFailoverWithExtraLevels
    {"three levels half up",
     {{2, 1}, {2, 1}, {2, 1}},
     {70, 30, 0},
     {0, 0, 0},
     {false, false, false}},
    {"three levels, the second up",
     {{4, 1}, {2, 2}, {2, 1}},
     {35, 65, 0},
     {0, 0, 0},
     {false, false, false}},
    {"three quarters", {{4, 1}, {4, 1}, {4, 1}}, {35, 35, 30}, {0, 0, 0}, {false, false, false}},
    {"three fifths", {{5, 1}, {5, 1}, {5, 1}}, {34, 33, 33}, {0, 0, 0}, {true, true, true}},
    {"only the last", {{5}, {5}, {5, 5}}, {0, 0, 100}, {0, 0, 0}, {false, false, false}},
    {"only most of the last", {{5}, {5}, {5, 4}}, {0, 0, 100}, {0, 0, 0}, {false, false, false}},
    {"only some of the last", {{5}, {5}, {5, 2}}, {34, 33, 33}, {0, 0, 0}, {true, true, true}},
    {"degraded but enough",
     {{5, 0, 5}, {5, 2, 2}, {5, 2}},
     {0, 56, 44},
     {0, 0, 0},
     {false, false, false}},
    {"by host count", {{5}, {3}, {2}}, {50, 30, 20}, {0, 0, 0}, {true, true, true}},
    {"by host count, rounded", {{5}, {6, 2}, {3, 1}}, {37, 42, 21}, {0, 0, 0}, {true, true, true}},
    {"spills into degraded",
     {{5, 0, 1}, {5, 0, 5}, {5, 1}},
     {0, 0, 28},
     {28, 44, 0},
     {false, false, false}},
    {"remainder to the first degraded",
     {{5}, {5, 0, 2}, {5, 0, 1}},
     {0, 0, 0},
     {0, 67, 33},
     {false, false, false},
     {.panic_threshold_percent = 0}},
    {"degraded in total panic",
     {{5}, {5, 0, 2}, {5, 0, 1}},
     {34, 33, 33},
     {0, 0, 0},
     {true, true, true}},
    {"remainder to the first with hosts",
     {{0}, {6}, {3}},
     {0, 67, 33},
     {0, 0, 0},
     {true, true, true}},
    // The comment above the calculation: 10/20/10 % healthy, 20/10/0 % degraded.
    {"the comment's example",
     {{10, 1, 2}, {10, 2, 1}, {10, 1}},
     {16, 28, 14},
     {28, 14, 0},
     {false, false, false},
     {.panic_threshold_percent = 0}},
    // DisablePanicMode: the load goes nowhere.
    {"down without panic", {{1}}, {100}, {0}, {false}, {.panic_threshold_percent = 0}},
    {"nobody at all", {{0}}, {100}, {0}, {true}},
};

std::vector<PriorityLoad> expected_loads(const Row& row) {
  std::vector<PriorityLoad> loads;
  for (std::size_t i = 0; i < row.priorities.size(); ++i) {
    loads.push_back({row.healthy_loads[i], row.degraded_loads[i], row.panics[i]});
  }
  return loads;
}

TEST(PriorityLoads, AreThoseOfEnvoysTests) {
  for (const Row& row : kEnvoyRows) {
    EXPECT_EQ(priority_loads(row.priorities, row.options), expected_loads(row)) << row.name;
  }
}

/// Hosts of which `percent` are healthy.
PriorityHosts healthy_percent(std::uint32_t percent) {
  return {.hosts = 100, .healthy = percent};
}

// Where Envoy's documentation and its code differ, the code decides: the documented figures stand
// beside the computed ones.
struct DocumentedRow {
  std::vector<std::uint32_t> healthy_percents;
  std::vector<std::uint32_t> documented;
  std::vector<std::uint32_t> computed;
};

TEST(PriorityLoads, FollowEnvoysCodeWhereItsDocumentationDiffers) {
  const std::vector<DocumentedRow> rows{{{50, 60}, {50, 50}, {70, 30}},
                                        {{25, 100}, {25, 75}, {35, 65}},
                                        {{5, 65}, {7, 93}, {8, 92}},
                                        {{25, 25, 20}, {36, 36, 28}, {37, 35, 28}}};
  for (const DocumentedRow& row : rows) {
    std::vector<PriorityHosts> priorities;
    for (const std::uint32_t percent : row.healthy_percents) {
      priorities.push_back(healthy_percent(percent));
    }
    // Load alone: in a panic of all it would follow the host count.
    const auto loads = priority_loads(priorities, {.panic_threshold_percent = 0});
    for (std::size_t i = 0; i < loads.size(); ++i) {
      EXPECT_EQ(loads[i].healthy, row.computed[i]);
    }
    EXPECT_NE(row.documented, row.computed);
  }
}

// "priority levels" in Envoy's documentation, where it and the code agree: P=0 with fewer and fewer
// healthy hosts above a P=1 that is well.
TEST(PriorityLoads, FailOverGentlyBelowSevenTenthsOrSo) {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> rows{{100, 100}, {72, 100}, {71, 99},
                                                                  {50, 70},   {25, 35},  {0, 0}};
  for (const auto& [healthy, load] : rows) {
    const std::vector<PriorityHosts> priorities{healthy_percent(healthy), healthy_percent(100)};
    const auto loads = priority_loads(priorities, {});
    EXPECT_EQ(loads[0].healthy, load);
    EXPECT_EQ(loads[1].healthy, 100 - load);
  }
}

TEST(PriorityLoads, CountDrainingHostsAsMissingButAskThemNotEvenInPanic) {
  const std::vector<PriorityHosts> half_draining{{.hosts = 4, .healthy = 2, .draining = 2},
                                                 {.hosts = 4, .healthy = 4}};
  EXPECT_EQ(priority_loads(half_draining, {})[0].healthy, 70U);
  const std::vector<PriorityHosts> down{{.hosts = 4, .draining = 4}, {.hosts = 4, .draining = 1}};
  const auto loads = priority_loads(down, {});
  EXPECT_EQ(loads[0].healthy, 0U);
  EXPECT_EQ(loads[1].healthy, 100U);
}

std::vector<PriorityHosts> random_priorities(RandomStream& random) {
  std::vector<PriorityHosts> priorities(1 + random.below(6));
  for (PriorityHosts& hosts : priorities) {
    hosts.hosts = static_cast<std::uint32_t>(random.below(100));
    hosts.healthy = static_cast<std::uint32_t>(random.below(hosts.hosts + 1));
    hosts.degraded = static_cast<std::uint32_t>(random.below(hosts.hosts - hosts.healthy + 1));
    hosts.excluded =
        static_cast<std::uint32_t>(random.below(hosts.hosts - hosts.healthy - hosts.degraded + 1));
  }
  return priorities;
}

TEST(PriorityLoads, AlwaysSumToAHundred) {
  RandomStream random{1, "test.priority"};
  for (int round = 0; round < 50'000; ++round) {
    const auto priorities = random_priorities(random);
    const PriorityOptions options{
        .overprovisioning_percent = 100 + static_cast<std::uint32_t>(random.below(100)),
        .panic_threshold_percent = static_cast<std::uint32_t>(random.below(101))};
    std::uint32_t sum = 0;
    for (const PriorityLoad& load : priority_loads(priorities, options)) {
      sum += load.healthy + load.degraded;
    }
    ASSERT_EQ(sum, 100U);
  }
}

// In real numbers: health min(1, 1.4 h/n), scaled up if all together cannot carry everything; then
// healthy hosts in order, then degraded ones. Integers stay within a percent for each truncation.
TEST(PriorityLoads, StayWithinRoundingOfTheExactFractions) {
  RandomStream random{2, "test.priority"};
  for (int round = 0; round < 50'000; ++round) {
    const auto priorities = random_priorities(random);
    std::vector<double> healths;
    double total = 0;
    for (const auto part : {&PriorityHosts::healthy, &PriorityHosts::degraded}) {
      for (const PriorityHosts& hosts : priorities) {
        const double counted = hosts.hosts - hosts.excluded;
        healths.push_back(counted > 0 ? std::fmin(1, 1.4 * (hosts.*part) / counted) : 0);
        total += healths.back();
      }
    }
    // Near zero a truncated percent is no longer a small part.
    if (total < 0.5) {
      continue;
    }
    const auto loads = priority_loads(priorities, {.panic_threshold_percent = 0});
    double left = 1;
    for (std::size_t i = 0; i < healths.size(); ++i) {
      const double exact = std::fmin(left, healths[i] / std::fmin(1, total));
      left -= exact;
      const bool is_healthy = i < priorities.size();
      const PriorityLoad& load = loads[i % priorities.size()];
      const double given = is_healthy ? load.healthy : load.degraded;
      ASSERT_NEAR(given, 100 * exact, 2.0 * static_cast<double>(healths.size()));
    }
  }
}

TEST(ChoosePriority, FollowsTheLoadsExactlyOverAHundredHashes) {
  for (const Row& row : kEnvoyRows) {
    const auto loads = priority_loads(row.priorities, row.options);
    std::vector<PriorityLoad> counted(loads.size());
    for (std::uint64_t hash = 1'000; hash < 1'100; ++hash) {
      const PriorityChoice choice = choose_priority(loads, hash);
      PriorityLoad& chosen = counted[choice.priority];
      ++(choice.availability == Availability::healthy ? chosen.healthy : chosen.degraded);
    }
    for (std::size_t i = 0; i < loads.size(); ++i) {
      EXPECT_EQ(counted[i].healthy, loads[i].healthy) << row.name;
      EXPECT_EQ(counted[i].degraded, loads[i].degraded) << row.name;
    }
  }
}

}  // namespace
}  // namespace windtunnel::balance
