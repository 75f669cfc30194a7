// This program replaces the global operator new to count: a pick allocates nothing, by whichever
// way it goes.
#include <array>

#include <gtest/gtest.h>

#include "models/balance/balancer.hpp"
#include "tests/models/balance_locality/simple_policies.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::balance {
namespace {

std::vector<Endpoint> mixed_endpoints() {
  std::vector<Endpoint> endpoints = endpoints_from(0, 64);
  for (std::uint32_t i = 0; i < endpoints.size(); ++i) {
    endpoints[i].zone = i % 3 == 0 ? "a" : "b";
    endpoints[i].priority = i % 2;
    endpoints[i].health = i % 5 < 2   ? EndpointHealth::unhealthy
                          : i % 5 < 3 ? EndpointHealth::degraded
                                      : EndpointHealth::healthy;
    endpoints[i].labels = {{"a label long enough for the heap", "with a value likewise on it"}};
  }
  return endpoints;
}

std::uint64_t allocations_of_picks(BalancerOptions options) {
  options.subsets =
      SubsetOptions{.selectors = {{{"a label long enough for the heap"}, std::nullopt}},
                    .fallback = SubsetFallback::any_endpoint};
  Balancer balancer{UniformPolicy::make, options, RandomStream{1, "test.allocation"}};
  const auto endpoints = mixed_endpoints();
  balancer.update(Instant{}, endpoints);
  balancer.update_local_cluster(endpoints);
  const std::array<LabelMatch, 1> wanted{
      LabelMatch{"a label long enough for the heap", "with a value likewise on it"}};
  PickRequest keyed;
  keyed.key = "a key";
  const std::uint64_t before = counted_allocations();
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto anywhere = balancer.pick(Instant{}, keyed);
    const auto in_subset = balancer.pick(Instant{}, BalanceRequest{.subset = wanted});
    const auto sticky = balancer.pick(Instant{}, BalanceRequest{.sticky_host = EndpointId{i % 99}});
    EXPECT_TRUE(anywhere && in_subset && sticky);
    balancer.begin(*anywhere);
    balancer.observe(Instant{}, {.endpoint = *anywhere});
    balancer.end(*anywhere);
  }
  return counted_allocations() - before;
}

TEST(BalancerAllocation, IsNoneForAPick) {
  EXPECT_EQ(allocations_of_picks({.draw = PriorityDraw::by_key}), 0U);
}

TEST(BalancerAllocation, IsNoneForAPickRoutedByZone) {
  BalancerOptions options;
  options.priorities.locality.zone_aware = ZoneAwareOptions{.local_zone = "a"};
  EXPECT_EQ(allocations_of_picks(options), 0U);
}

TEST(BalancerAllocation, IsNoneForAPickByLocalityWeight) {
  BalancerOptions options;
  options.priorities.locality.weights = {{"a", 0, 1}, {"b", 0, 2}, {"a", 1, 1}, {"b", 1, 2}};
  EXPECT_EQ(allocations_of_picks(options), 0U);
}

}  // namespace
}  // namespace windtunnel::balance
