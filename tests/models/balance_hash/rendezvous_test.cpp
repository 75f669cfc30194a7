#include "models/balance/rendezvous.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

/// Pearson's statistic of so many picks against shares by weight.
double chi_squared(Policy& policy, HostSet& hosts, int keys) {
  std::vector<int> counts(hosts.size());
  for (int key = 0; key < keys; ++key) {
    ++counts[picked(policy, with_key("user-" + std::to_string(key)))];
  }
  double total = 0;
  for (const Endpoint& endpoint : hosts.endpoints()) {
    total += endpoint.weight;
  }
  double sum = 0;
  for (std::size_t host = 0; host < hosts.size(); ++host) {
    const double expected = 1.0 * keys * hosts[host].weight / total;
    sum += (counts[host] - expected) * (counts[host] - expected) / expected;
  }
  return sum;
}

// 99.9 % of fair draws stay below these values (chi-squared, 9 and 3 degrees of freedom).
TEST(Rendezvous, SharesAreEqualForEqualWeights) {
  HostSet hosts = hosts_in(0, 10);
  Rendezvous policy{{}, hosts.input()};
  EXPECT_LT(chi_squared(policy, hosts, 100'000), 27.88);
}

TEST(Rendezvous, SharesGoByWeight) {
  HostSet hosts;
  hosts.add("a:1", 1).add("b:1", 2).add("c:1", 3).add("d:1", 10);
  Rendezvous policy{{}, hosts.input()};
  EXPECT_LT(chi_squared(policy, hosts, 100'000), 16.27);
}

// A key's winner under raised weight can only change to the endpoint whose weight was raised.
TEST(Rendezvous, MovesKeysOnlyToAnEndpointWhoseWeightGrows) {
  HostSet light;
  light.add("a:1", 2).add("b:1", 3).add("c:1", 4);
  HostSet heavy = light;
  heavy[1].weight = 5;
  Rendezvous before{{}, light.input()};
  Rendezvous after{{}, heavy.input()};
  int moved = 0;
  for (int key = 0; key < 50'000; ++key) {
    const std::string text = std::to_string(key);
    const std::uint32_t was = picked(before, with_key(text));
    const std::uint32_t is = picked(after, with_key(text));
    EXPECT_TRUE(is == was || is == 1);
    moved += is != was ? 1 : 0;
  }
  // From 3/9 to 5/11 of the keys.
  EXPECT_NEAR(moved / 50'000.0, 5.0 / 11 - 3.0 / 9, 0.01);
}

TEST(Rendezvous, DoesNotDependOnTheOrderOfListing) {
  HostSet hosts = hosts_in(0, 12);
  const HostSet listed = hosts;
  std::swap(hosts[0], hosts[7]);
  std::swap(hosts[3], hosts[11]);
  Rendezvous before{{}, listed.input()};
  Rendezvous after{{}, hosts.input()};
  for (int key = 0; key < 2000; ++key) {
    EXPECT_EQ(picked(before, with_key(std::to_string(key))),
              picked(after, with_key(std::to_string(key))));
  }
}

TEST(Rendezvous, RanksTheOthersBehindTheFirstAndStartsAgainWhenAllWereTried) {
  const HostSet hosts = hosts_in(0, 5);
  Rendezvous policy{{}, hosts.input()};
  for (int key = 0; key < 200; ++key) {
    const std::string text = std::to_string(key);
    std::vector<EndpointId> tried;
    PickRequest request = with_key(text);
    for (int attempt = 0; attempt < 5; ++attempt) {
      request.tried = tried;
      const EndpointId next{picked(policy, request)};
      EXPECT_EQ(std::count(tried.begin(), tried.end(), next), 0);
      tried.push_back(next);
    }
    request.tried = tried;
    EXPECT_EQ(picked(policy, request), tried.front().value());
  }
}

TEST(Rendezvous, PicksNobodyFromNobody) {
  const HostSet nobody;
  Rendezvous policy{{}, nobody.input()};
  EXPECT_EQ(policy.pick({}, with_key("key")), std::nullopt);
}

}  // namespace
}  // namespace windtunnel::balance
