#include "models/balance/envoy_least_request.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/power_of_choices.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

std::vector<int> counts_of(Policy& policy, std::size_t endpoints, int picks) {
  std::vector<int> counts(endpoints);
  for (int i = 0; i < picks; ++i) {
    ++counts[policy.pick(Instant{}, {})->value()];
  }
  return counts;
}

// Both draws fall on the busier of two in a quarter of the picks: Envoy's comment says so.
TEST(EnvoyLeastRequest, TakesTheBusierOfTwoInAQuarterOfThePicks) {
  MadeEndpoints made{{1, 1}};
  made.loads.begin(EndpointId{0});
  EnvoyLeastRequest policy{{}, made.input(1)};
  EXPECT_NEAR(counts_of(policy, 2, 100'000)[0], 25'000, 4 * 137);
}

TEST(PowerOfChoices, NeverTakesTheBusierOfTwo) {
  MadeEndpoints made{{1, 1}};
  made.loads.begin(EndpointId{0});
  PowerOfChoices policy{{}, made.input(1)};
  EXPECT_EQ(counts_of(policy, 2, 100'000)[0], 0);
}

TEST(EnvoyLeastRequest, FullScanSharesEqualsAlikeAndNeverTakesOthers) {
  MadeEndpoints made{{1, 1, 1, 1, 1}};
  made.loads.begin(EndpointId{1});
  made.loads.begin(EndpointId{4});
  EnvoyLeastRequest policy{{.selection = EnvoySelection::full_scan}, made.input(1)};
  const std::vector<int> counts = counts_of(policy, 5, 90'000);
  EXPECT_EQ(counts[1], 0);
  EXPECT_EQ(counts[4], 0);
  for (const std::size_t idle : {0U, 2U, 3U}) {
    EXPECT_NEAR(counts[idle], 30'000, 4 * 141);
  }
}

TEST(EnvoyLeastRequest, SchedulesUnequalWeightsByWeightOverActivePlusOne) {
  MadeEndpoints made{{1, 4}};
  for (int i = 0; i < 7; ++i) {
    made.loads.begin(EndpointId{1});
  }
  // 1 / 1 against 4 / 8.
  EnvoyLeastRequest policy{{}, made.input(1)};
  EXPECT_NEAR(counts_of(policy, 2, 3000)[0], 2000, 2);
  // With the bias 0.5: 1 against 4 / sqrt(8) = 1.41421.
  EnvoyLeastRequest mild{{.active_request_bias = 0.5}, made.input(1)};
  EXPECT_NEAR(counts_of(mild, 2, 100'000)[0], 41'421, 2);
  // Without bias a round robin.
  EnvoyLeastRequest none{{.active_request_bias = 0}, made.input(1)};
  EXPECT_NEAR(counts_of(none, 2, 3000)[0], 600, 2);
}

TEST(EnvoyLeastRequest, NeedsNoScheduleForEqualWeights) {
  MadeEndpoints made{{3, 3}};
  EXPECT_FALSE((EnvoyLeastRequest{{}, made.input(1)}.has_schedule()));
}

}  // namespace
}  // namespace windtunnel::balance
