// What moves when a host goes: published per policy, and exact where the policy promises it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/bounded_load.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

using Make = std::function<std::unique_ptr<Policy>(const HostSet&)>;

template <typename PolicyType, typename SpecType>
Make maker(SpecType spec) {
  return [spec](const HostSet& hosts) { return std::make_unique<PolicyType>(spec, hosts.input()); };
}

/// Envoy's ring with the same number of places per unit of weight whatever the set.
std::unique_ptr<Policy> ring_of_160_each(const HostSet& hosts) {
  std::uint64_t weight = 0;
  for (const Endpoint& endpoint : hosts.input().endpoints) {
    weight += endpoint.weight;
  }
  RingHashSpec spec;
  spec.ring_size_min = spec.ring_size_max = 160 * weight;
  return std::make_unique<RingHash>(spec, hosts.input());
}

struct Moves {
  int owned = 0;   ///< Keys of the host that went.
  int others = 0;  ///< Keys of other hosts that moved all the same.
  int keys = 0;
};

Moves moves_without(const Make& make, const HostSet& hosts, std::uint32_t gone, int keys) {
  const HostSet rest = hosts.without(gone);
  const std::unique_ptr<Policy> before = make(hosts);
  const std::unique_ptr<Policy> after = make(rest);
  Moves moves;
  moves.keys = keys;
  for (int key = 0; key < keys; ++key) {
    const std::string text = "user-" + std::to_string(key);
    const std::uint32_t was = picked(*before, with_key(text));
    const std::uint32_t is = picked(*after, with_key(text));
    EXPECT_NE(is, gone);
    moves.owned += was == gone ? 1 : 0;
    moves.others += was != gone && was != is ? 1 : 0;
  }
  return moves;
}

/// Removes each of `hosts` in turn.
Moves moves_of(const Make& make, const HostSet& hosts, int keys) {
  Moves sum;
  for (std::uint32_t gone = 0; gone < hosts.size(); ++gone) {
    const Moves moves = moves_without(make, hosts, gone, keys);
    sum.owned += moves.owned;
    sum.others += moves.others;
    sum.keys += moves.keys;
  }
  return sum;
}

HostSet weighted(std::uint32_t count) {
  HostSet hosts = hosts_in(7, count);
  for (std::uint32_t host = 0; host < count; ++host) {
    hosts[host].weight = 1 + host % 4;
  }
  return hosts;
}

TEST(Disruption, OfExactPoliciesIsTheRemovedShareAndNothingElse) {
  const std::vector<std::pair<std::string, Make>> policies = {
      {"ketama", maker<Ketama>(KetamaSpec{})},
      {"ring_hash of 160 places each", ring_of_160_each},
      {"haproxy ring", maker<HaproxyRing>(HaproxyRingSpec{})},
      {"bounded load, unloaded", maker<BoundedLoad>(BoundedLoadSpec{})},
      {"rendezvous", maker<Rendezvous>(RendezvousSpec{})}};
  for (const auto& [name, make] : policies) {
    for (const HostSet& hosts : {hosts_in(3, 20), weighted(12)}) {
      const Moves moves = moves_of(make, hosts, 4000);
      EXPECT_EQ(moves.others, 0) << name;
      EXPECT_EQ(moves.owned, 4000) << name;
    }
  }
}

// The property above can fail: these policies do move what they need not.
TEST(Disruption, OfModuloPoliciesIsNearlyEverything) {
  for (const Make& make :
       {maker<NginxHash>(NginxHashSpec{}), maker<HaproxyMap>(HaproxyMapSpec{})}) {
    const Moves moves = moves_of(make, hosts_in(3, 20), 1000);
    EXPECT_GT(moves.others, moves.keys * 4 / 5);
  }
}

TEST(Disruption, OfNginxsPlainHashByAServerThatIsDownIsItsShareAlone) {
  const HostSet all_up = hosts_in(3, 20);
  HostSet one_down = all_up;
  one_down[4].health = EndpointHealth::unhealthy;
  NginxHash before{{}, all_up.input()};
  NginxHash after{{}, one_down.input()};
  for (int key = 0; key < 5000; ++key) {
    const std::string text = std::to_string(key);
    const std::uint32_t was = picked(before, with_key(text));
    const std::uint32_t is = picked(after, with_key(text));
    EXPECT_NE(is, 4U);
    EXPECT_TRUE(was == is || was == 4);
  }
}

double extra_percent(const Moves& moves) {
  return 100.0 * moves.others / moves.keys;
}

/// The slots of hosts other than `gone` that change hands when it goes, in percent of all.
double extra_slots_percent(const HostSet& hosts, std::uint32_t gone) {
  const HostSet rest = hosts.without(gone);
  const Maglev before{{}, hosts.input()};
  const Maglev after{{}, rest.input()};
  int extra = 0;
  for (std::size_t slot = 0; slot < before.table().slots().size(); ++slot) {
    const std::uint32_t was = before.table().slots()[slot];
    const EndpointId is = rest.input().endpoints[after.table().slots()[slot]].id;
    extra += was != gone && is != EndpointId{was} ? 1 : 0;
  }
  return 100.0 * extra / static_cast<double>(before.table().slots().size());
}

// Maglev trades a little disruption for even shares (section 5.3 of the paper): with 20 hosts 5 %
// must move, and about a third of a percent more does; 0.27 % to 0.54 % from host to host.
TEST(Disruption, OfMaglevIsAThirdOfAPercentMore) {
  double sum = 0;
  double most = 0;
  for (std::uint32_t series = 0; series < 5; ++series) {
    for (std::uint32_t gone = 0; gone < 20; ++gone) {
      const double extra = extra_slots_percent(hosts_in(series, 20), gone);
      sum += extra;
      most = std::max(most, extra);
    }
  }
  EXPECT_NEAR(sum / 100, 0.34, 0.02);
  EXPECT_LT(most, 0.6);
  EXPECT_NEAR(extra_slots_percent(hosts_in(0, 20), 19), 0.48, 0.005);
  RecordProperty("maglev_extra_percent", std::to_string(sum / 100));
}

// Envoy's ring of at least 1024 places gives 20 hosts 52 each and 19 hosts 54: the two more that
// each of the others gets take keys from their neighbours. A ring whose size is a multiple of both
// moves nothing more than it must, and Envoy's documentation leaves that to the reader.
TEST(Disruption, OfEnvoysDefaultRingExceedsMaglevs) {
  const HostSet hosts = hosts_in(3, 20);
  const Moves moves = moves_of(maker<RingHash>(RingHashSpec{}), hosts, 20'000);
  EXPECT_GT(extra_percent(moves), 2.0);
  EXPECT_LT(extra_percent(moves), 5.0);
  RecordProperty("ring_extra_percent", std::to_string(extra_percent(moves)));
}

}  // namespace
}  // namespace windtunnel::balance
