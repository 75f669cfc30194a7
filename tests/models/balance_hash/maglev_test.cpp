// Expected values are those of Envoy's own test, maglev_lb_test.cc at 08417eb, where a case is
// named beside the test.
#include "models/balance/maglev.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/check.hpp"
#include "runtime/random.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

MaglevSpec sized(std::uint32_t slots) {
  MaglevSpec spec;
  spec.table_size = slots;
  return spec;
}

std::vector<std::uint32_t> table_of(const Maglev& policy) {
  return {policy.table().slots().begin(), policy.table().slots().end()};
}

TEST(Maglev, BuildsEnvoysTable) {  // Basic
  const HostSet hosts = local_ports(90, 6);
  Maglev policy{sized(7), hosts.input()};
  EXPECT_EQ(table_of(policy), (std::vector<std::uint32_t>{2, 4, 0, 1, 5, 0, 3}));
  for (std::uint64_t hash = 0; hash < 21; ++hash) {
    EXPECT_EQ(picked(policy, at_hash(hash)), table_of(policy)[hash % 7]);
  }
}

TEST(Maglev, HashesTheLabelHashKeyInsteadOfTheAddress) {  // BasicWithMetadataHashKey
  HostSet hosts = local_ports(90, 6);
  for (std::uint32_t host = 0; host < 6; ++host) {
    hosts[host].labels = {{"hash_key", std::to_string(90 + host)}};
  }
  EXPECT_EQ(table_of(Maglev(sized(7), hosts.input())),
            (std::vector<std::uint32_t>{2, 5, 0, 3, 4, 1, 0}));
}

TEST(Maglev, GivesSlotsByWeight) {  // Weighted
  HostSet hosts;
  hosts.add("127.0.0.1:90", 1).add("127.0.0.1:91", 2);
  EXPECT_EQ(table_of(Maglev(sized(17), hosts.input())),
            (std::vector<std::uint32_t>{1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1}));
}

TEST(Maglev, GivesEvenSlotsWhenWeightsAreEqual) {  // LocalityWeightedSameLocalityWeights
  HostSet hosts;
  hosts.add("127.0.0.1:90", 3).add("127.0.0.1:91", 3);
  EXPECT_EQ(table_of(Maglev(sized(17), hosts.input())),
            (std::vector<std::uint32_t>{1, 0, 0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 1}));
}

TEST(Maglev, GivesSlotsByUnevenWeight) {  // LocalityWeightedDifferentLocalityWeights
  HostSet hosts;
  hosts.add("127.0.0.1:90", 8).add("127.0.0.1:91", 2);
  EXPECT_EQ(table_of(Maglev(sized(17), hosts.input())),
            (std::vector<std::uint32_t>{1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}));
}

TEST(Maglev, AvoidsTriedHostsByAMutatedHash) {  // BasicWithRetryHostPredicate
  const HostSet hosts = local_ports(90, 6);
  MaglevSpec spec = sized(7);
  spec.choice.selection_retries_max = 2;
  Maglev policy{spec, hosts.input()};
  PickRequest request = at_hash(10);
  EXPECT_EQ(picked(policy, request), 1U);
  const std::array only_first = {EndpointId{1}};
  request.tried = only_first;
  EXPECT_EQ(picked(policy, request), 0U);
  const std::array all = {EndpointId{0}, EndpointId{1}, EndpointId{2},
                          EndpointId{3}, EndpointId{4}, EndpointId{5}};
  request.tried = all;
  EXPECT_EQ(picked(policy, request), 5U);
}

TEST(Maglev, DoesNotDependOnTheOrderOfListing) {  // BasicStability
  HostSet hosts = hosts_in(0, 20);
  const HostSet listed = hosts;
  Maglev policy{{}, listed.input()};
  RandomStream rng{1, "listing"};
  for (int trial = 0; trial < 5; ++trial) {
    for (std::size_t left = hosts.size(); left > 1; --left) {
      std::swap(hosts[left - 1], hosts[rng.below(left)]);
    }
    Maglev shuffled{{}, hosts.input()};
    for (std::uint64_t hash = 0; hash < 65537; hash += 3) {
      ASSERT_EQ(picked(shuffled, at_hash(hash)), picked(policy, at_hash(hash)));
    }
  }
}

TEST(Maglev, SplitsOneToTwoAsEnvoysDocumentationSays) {
  // Documentation of the load balancer's weights: 21846 and 43691 of 65537 entries.
  HostSet hosts;
  hosts.add("127.0.0.1:90", 1).add("127.0.0.1:91", 2);
  const std::vector<std::uint32_t> table = table_of(Maglev({}, hosts.input()));
  EXPECT_EQ(std::count(table.begin(), table.end(), 0U), 21846);
  EXPECT_EQ(std::count(table.begin(), table.end(), 1U), 43691);
}

TEST(Maglev, GivesEqualHostsEqualSlotsButForOne) {
  for (const std::uint32_t count : {1U, 2U, 3U, 7U, 100U, 1000U}) {
    const HostSet hosts = hosts_in(count % 256, count);
    std::vector<std::uint32_t> slots(count);
    const Maglev policy{{}, hosts.input()};
    for (const std::uint32_t host : policy.table().slots()) {
      ++slots[host];
    }
    const auto [least, most] = std::minmax_element(slots.begin(), slots.end());
    EXPECT_LE(*most - *least, 1U) << count << " hosts";
  }
}

TEST(Maglev, RefusesATableThatIsNotPrime) {  // NoPrimeNumber
  const HostSet hosts = local_ports(90, 2);
  EXPECT_THROW(Maglev(sized(8), hosts.input()), ProgrammingError);
}

TEST(Maglev, PicksNobodyFromNobody) {
  const HostSet nobody;
  Maglev policy{{}, nobody.input()};
  EXPECT_EQ(policy.pick({}, with_key("key")), std::nullopt);
}

}  // namespace
}  // namespace windtunnel::balance
