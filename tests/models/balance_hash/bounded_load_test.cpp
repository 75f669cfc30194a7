#include "models/balance/bounded_load.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/maglev.hpp"
#include "models/balance/ring_hash.hpp"
#include "runtime/check.hpp"
#include "tests/models/balance_hash/bounded_load_swarm.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

TEST(BoundedLoad, NeverExceedsThePublishedBound) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    EXPECT_EQ(breach_of_bounded_load(seed), std::nullopt) << "seed " << seed;
  }
}

TEST(BoundedLoad, SendsOneHotKeyEverywhereEvenly) {
  HostSet hosts = hosts_in(0, 10);
  BoundedLoad policy{{}, hosts.input()};
  for (int request = 0; request < 1000; ++request) {
    hosts.loads().begin(EndpointId{picked(policy, with_key("hot"))});
  }
  for (std::uint32_t host = 0; host < 10; ++host) {
    EXPECT_LE(hosts.loads().active(EndpointId{host}), 125U);
  }
  EXPECT_EQ(policy.bound(EndpointId{0}), (1001 * 125 + 999) / 1000U);
}

TEST(BoundedLoad, KeepsAKeyWhereItIsWhileThereIsRoom) {
  HostSet hosts = hosts_in(0, 10);
  BoundedLoad policy{{}, hosts.input()};
  const std::uint32_t home = picked(policy, with_key("key"));
  for (std::uint32_t host = 0; host < 10; ++host) {
    if (host != home) {
      hosts.loads().begin(EndpointId{host});
    }
  }
  EXPECT_EQ(picked(policy, with_key("key")), home);
}

TEST(BoundedLoad, AvoidsTriedEndpointsButNotAtTheCostOfTheBound) {
  HostSet hosts = hosts_in(0, 2);
  BoundedLoad policy{{}, hosts.input()};
  const EndpointId home{picked(policy, with_key("key"))};
  const EndpointId other{1 - home.value()};
  const std::array tried = {home};
  PickRequest request = with_key("key");
  request.tried = tried;
  EXPECT_EQ(picked(policy, request), other.value());
  for (int busy = 0; busy < 3; ++busy) {
    hosts.loads().begin(other);
  }
  // ceil(1.25 · 4 / 2) = 3 are there already.
  EXPECT_EQ(picked(policy, request), home.value());
}

TEST(BoundedLoad, RefusesABoundWithoutRoom) {
  const HostSet hosts = hosts_in(0, 2);
  BoundedLoadSpec spec;
  spec.load_percent_max = 100;
  EXPECT_THROW(BoundedLoad(spec, hosts.input()), ProgrammingError);
}

TEST(BoundedLoad, PicksNobodyFromNobody) {
  const HostSet nobody;
  BoundedLoad policy{{}, nobody.input()};
  EXPECT_EQ(policy.pick({}, with_key("key")), std::nullopt);
}

/// The most requests on one of 20 hosts after 4000 of a skewed choice of keys, none having ended.
std::uint32_t greatest_load(Policy& policy, HostSet& hosts) {
  RandomStream rng{1, "keys"};
  std::uint32_t greatest = 0;
  for (int request = 0; request < 4000; ++request) {
    // The square of a uniform number: a few keys are hot.
    const double uniform = rng.unit();
    const std::string key = std::to_string(static_cast<int>(uniform * uniform * 500));
    const EndpointId taken{picked(policy, with_key(key))};
    hosts.loads().begin(taken);
    greatest = std::max(greatest, hosts.loads().active(taken));
  }
  return greatest;
}

TEST(BoundedLoad, HoldsWhereAPlainRingDoesNotAndEnvoysRuleByOneMore) {
  HostSet bounded_hosts = hosts_in(0, 20);
  BoundedLoad bounded{{}, bounded_hosts.input()};
  EXPECT_LE(greatest_load(bounded, bounded_hosts), 250U);
  HostSet plain_hosts = hosts_in(0, 20);
  RingHash plain{{}, plain_hosts.input()};
  EXPECT_GT(greatest_load(plain, plain_hosts), 300U);
  HostSet envoy_hosts = hosts_in(0, 20);
  RingHashSpec spec;
  spec.choice.balance_factor = 125;
  RingHash envoy{spec, envoy_hosts.input()};
  EXPECT_LE(greatest_load(envoy, envoy_hosts), 251U);
}

}  // namespace
}  // namespace windtunnel::balance
