#include "models/balance/grpc_weighted_round_robin.hpp"

#include <cstdint>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr EndpointId kEndpoint{0};
// 100 queries a second at half of the CPU: weight 200.
constexpr LoadReport kReport{100, 0, 0.5};

Instant at(Duration since_start) {
  return Instant{since_start};
}

TEST(GrpcWeights, DividesQueriesByUtilizationAndPenalizedErrors) {
  GrpcWeights weights{{.blackout_period = Duration::zero(), .error_utilization_penalty = 2}};
  weights.report(kEndpoint, at({}), {100, 0, 0.5});
  EXPECT_DOUBLE_EQ(weights.weight(kEndpoint, at({})), 200);
  weights.report(kEndpoint, at({}), {100, 25, 0.5});
  EXPECT_DOUBLE_EQ(weights.weight(kEndpoint, at({})), 100);
}

TEST(GrpcWeights, IgnoresReportsWithoutQueriesOrUtilization) {
  GrpcWeights weights{{.blackout_period = Duration::zero()}};
  weights.report(kEndpoint, at({}), kReport);
  weights.report(kEndpoint, at({}), {0, 0, 0.9});
  weights.report(kEndpoint, at({}), {100, 0, 0});
  EXPECT_DOUBLE_EQ(weights.weight(kEndpoint, at({})), 200);
}

TEST(GrpcWeights, CountFromTheEndOfTheBlackout) {
  GrpcWeights weights{{}};
  weights.report(kEndpoint, at(seconds{5}), kReport);
  EXPECT_EQ(weights.weight(kEndpoint, at(milliseconds{14'999})), 0);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{15})), 200);
}

TEST(GrpcWeights, GoThroughABlackoutAgainAfterAReconnect) {
  GrpcWeights weights{{}};
  weights.report(kEndpoint, at({}), kReport);
  ASSERT_EQ(weights.weight(kEndpoint, at(seconds{20})), 200);
  weights.become_ready(kEndpoint);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{20})), 0);
  weights.report(kEndpoint, at(seconds{21}), kReport);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{30})), 0);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{31})), 200);
}

TEST(GrpcWeights, ExpireAndThenGoThroughABlackoutAgain) {
  GrpcWeights weights{{}};
  weights.report(kEndpoint, at({}), kReport);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{179})), 200);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{180})), 0);
  weights.report(kEndpoint, at(seconds{181}), kReport);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{182})), 0);
  EXPECT_EQ(weights.weight(kEndpoint, at(seconds{191})), 200);
}

std::vector<int> counts_at(GrpcWeightedRoundRobin& policy, Instant now, std::size_t endpoints,
                           int picks) {
  std::vector<int> counts(endpoints);
  for (int i = 0; i < picks; ++i) {
    ++counts[policy.pick(now, {})->value()];
  }
  return counts;
}

TEST(GrpcWeightedRoundRobin, SharesByWeightAndGivesTheUnknownTheMean) {
  MadeEndpoints made{{1, 1, 1}};
  GrpcWeightedRoundRobin policy{{}, made.input(1)};
  policy.report(at({}), EndpointId{0}, {100, 0, 1});
  policy.report(at({}), EndpointId{1}, {300, 0, 1});
  // 100, 300, and 200 for the one that never reported.
  const std::vector<int> counts = counts_at(policy, at(seconds{10}), 3, 6000);
  EXPECT_TRUE(policy.is_weighted());
  EXPECT_NEAR(counts[0], 1000, 2);
  EXPECT_NEAR(counts[1], 3000, 2);
  EXPECT_NEAR(counts[2], 2000, 2);
}

TEST(GrpcWeightedRoundRobin, IsARoundRobinWithFewerThanTwoWeights) {
  MadeEndpoints made{{1, 1, 1}};
  GrpcWeightedRoundRobin policy{{}, made.input(1)};
  policy.report(at({}), EndpointId{0}, kReport);
  const std::uint32_t first = policy.pick(at(seconds{10}), {})->value();
  for (std::uint32_t i = 1; i < 30; ++i) {
    EXPECT_EQ(policy.pick(at(seconds{10}), {})->value(), (first + i) % 3);
  }
}

TEST(GrpcWeightedRoundRobin, TakesUpNewWeightsOnceAPeriodAndNotMoreOftenThanEvery100Milliseconds) {
  MadeEndpoints made{{1, 1}};
  GrpcWeightedRoundRobin policy{
      {.weights = {.blackout_period = {}}, .weight_update_period = milliseconds{1}}, made.input(1)};
  policy.report(at({}), EndpointId{0}, {100, 0, 1});
  policy.report(at({}), EndpointId{1}, {100, 0, 1});
  EXPECT_NEAR(counts_at(policy, at({}), 2, 1000)[0], 500, 1);
  policy.report(at({}), EndpointId{0}, {900, 0, 1});
  EXPECT_NEAR(counts_at(policy, at(milliseconds{99}), 2, 1000)[0], 500, 1);
  EXPECT_NEAR(counts_at(policy, at(milliseconds{100}), 2, 1000)[0], 900, 1);
}

TEST(GrpcWeightedRoundRobin, StartsOtherClientsElsewhere) {
  MadeEndpoints made{std::vector<std::uint32_t>(8, 1)};
  GrpcWeights weights{{.blackout_period = {}}};
  for (const Endpoint& endpoint : made.endpoints) {
    weights.report(endpoint.id, at({}), kReport);
  }
  std::set<std::uint32_t> first;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    GrpcWeightedRoundRobin policy{{.shared_weights = &weights}, made.input(seed)};
    first.insert(policy.pick(at({}), {})->value());
    ASSERT_TRUE(policy.is_weighted());
  }
  EXPECT_EQ(first.size(), 8U);
}

}  // namespace
}  // namespace windtunnel::balance
