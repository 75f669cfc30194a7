#include "models/balance/haproxy_round_robin.hpp"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

TEST(HaproxyRoundRobin, CountsFollowWeightsToWithinOnePickInEveryPeriod) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream script{seed, "script"};
    std::vector<std::uint32_t> weights;
    std::uint32_t sum = 0;
    for (std::uint64_t i = 1 + script.below(12); i-- > 0;) {
      weights.push_back(1 + static_cast<std::uint32_t>(script.below(256)));
      sum += weights.back();
    }
    MadeEndpoints made{weights};
    HaproxyRoundRobin policy{{}, made.input(1)};
    for (int period = 0; period < 5; ++period) {
      std::vector<int> excess(weights.size());
      for (std::uint32_t i = 0; i < sum; ++i) {
        ++excess[policy.pick(Instant{}, {})->value()];
      }
      for (std::size_t i = 0; i < weights.size(); ++i) {
        excess[i] -= static_cast<int>(weights[i]);
        ASSERT_LE(std::abs(excess[i]), 1) << "seed " << seed << ", endpoint " << i;
      }
    }
  }
}

TEST(HaproxyRoundRobin, PassesByTriedEndpoints) {
  MadeEndpoints made{{3, 2, 1}};
  HaproxyRoundRobin policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{0}, EndpointId{2}};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, after(tried)), EndpointId{1});
  }
}

TEST(HaproxyRoundRobin, PicksATriedEndpointWhereNothingElseIsLeft) {
  MadeEndpoints made{{3, 1}};
  HaproxyRoundRobin policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{0}, EndpointId{1}};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(policy.pick(Instant{}, after(tried)));
  }
}

}  // namespace
}  // namespace windtunnel::balance
