#include "models/balance/nginx_random.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

TEST(NginxRandom, NeverTakesTheBusierOfTwoPeers) {
  MadeEndpoints made{{1, 1}};
  made.loads.begin(EndpointId{0});
  NginxRandom policy{{}, made.input(1)};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, {}), EndpointId{1});
  }
}

TEST(NginxRandom, WeighsLoadByWeight) {
  MadeEndpoints made{{2, 3}};
  made.loads.begin(EndpointId{0});
  made.loads.begin(EndpointId{1});
  NginxRandom policy{{}, made.input(1)};
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(policy.pick(Instant{}, {}), EndpointId{1});
  }
}

TEST(NginxRandom, FallsBackToRoundRobinWhereDrawsMeetNobody) {
  MadeEndpoints made{{1, 1'000'000, 1}};
  NginxRandom policy{{}, made.input(1)};
  const std::vector<EndpointId> tried{EndpointId{1}};
  std::vector<int> counts(3);
  for (int i = 0; i < 300; ++i) {
    ++counts[policy.pick(Instant{}, after(tried))->value()];
  }
  EXPECT_EQ(counts, (std::vector<int>{150, 0, 150}));
}

TEST(NginxRandom, LeavesFailedPeersAlone) {
  MadeEndpoints made{{1, 1, 1}};
  NginxRandom policy{{}, made.input(1)};
  policy.observe(Instant{}, {EndpointId{2}, Duration{}, false});
  for (int i = 0; i < 1000; ++i) {
    ASSERT_NE(policy.pick(Instant{}, {}), EndpointId{2});
  }
}

}  // namespace
}  // namespace windtunnel::balance
