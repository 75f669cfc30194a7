// Expected values are those of Envoy's own test, bounded_load_hlb_test.cc at 8b9304c: five hosts,
// and the orders that its comments give for the seeds 2, 6 and 7.
#include "models/balance/bounded_load_envoy.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/maglev.hpp"
#include "runtime/random.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

/// A bound of `factor` over hosts that have so many requests under way.
class Loaded {
 public:
  Loaded(std::uint32_t factor, const std::vector<int>& active)
      : hosts_(local_ports(90, static_cast<std::uint32_t>(active.size()))),
        bound_(hash_hosts_of(hosts_.endpoints()), factor) {
    for (std::uint32_t host = 0; host < active.size(); ++host) {
      for (int request = 0; request < active[host]; ++request) {
        hosts_.loads().begin(EndpointId{host});
      }
    }
  }

  std::size_t choose(std::size_t preferred, std::uint64_t hash) {
    return bound_.choose(preferred, hash, hosts_.loads());
  }

 private:
  HostSet hosts_;
  EnvoyLoadBound bound_;
};

TEST(EnvoyLoadBound, LeavesHostsAloneThatHaveRoom) {  // NoHostEverOverloaded
  Loaded loaded{1, {0, 0, 0, 0, 0}};
  for (std::size_t host = 0; host < 5; ++host) {
    EXPECT_EQ(loaded.choose(host, host), host);
  }
}

TEST(EnvoyLoadBound, TakesTheNextHostOfTheShuffledOrder) {
  Loaded one{1, {0, 0, 2, 0, 0}};  // OneHostOverloaded: seed 2 gives 2 1 0 4 3
  EXPECT_EQ(one.choose(2, 2), 1U);
  Loaded several{1, {2, 3, 4, 0, 0}};  // MultipleHostOverloaded
  EXPECT_EQ(several.choose(2, 2), 4U);
}

TEST(EnvoyLoadBound, SendsTheKeysOfOneHostToDifferentHosts) {  // MultipleHashSameHostOverloaded
  Loaded loaded{1, {0, 0, 0, 2, 0}};
  EXPECT_EQ(loaded.choose(3, 6), 4U);  // seed 6 gives 4 0 2 3 1
  EXPECT_EQ(loaded.choose(3, 7), 0U);  // seed 7 gives 0 1 4 3 2
}

TEST(EnvoyLoadBound, TakesTheLeastOverloadedWhenAllAre) {  // AllHostsOverloaded
  Loaded loaded{1, {3, 2, 4}};
  EXPECT_EQ(loaded.choose(0, 0), 1U);
}

TEST(EnvoyLoadBound, ShufflesEachTimeFromTheSameOrder) {
  Loaded loaded{1, {3, 3, 2, 3, 0}};
  for (int pick = 0; pick < 3; ++pick) {
    EXPECT_EQ(loaded.choose(2, 2), 4U);
    EXPECT_EQ(loaded.choose(3, 6), 4U);
  }
}

TEST(EnvoyLoadBound, KeepsTheLeastOverloadedIfNothingIsBetter) {
  Loaded loaded{1, {2, 2, 2}};
  EXPECT_EQ(loaded.choose(0, 0), 0U);
  EXPECT_EQ(loaded.choose(1, 5), 1U);
}

/// Envoy's rule written down plainly, with the standard library's generator.
std::size_t chosen_plainly(const std::vector<HashHost>& hosts, const EndpointLoads& loads,
                           std::uint32_t factor, std::size_t preferred, std::uint64_t hash) {
  const auto overload = [&](std::size_t host) {
    const std::uint64_t slots = ((loads.total_active() + 1) * factor + 99) / 100;
    const double own = std::ceil(static_cast<double>(slots) * hosts[host].share);
    return loads.active(hosts[host].endpoint) / std::max(own, 1.0);
  };
  if (overload(preferred) <= 1.0) {
    return preferred;
  }
  std::mt19937 generator{static_cast<std::uint32_t>(hash)};
  std::vector<std::size_t> order(hosts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::size_t least = preferred;
  for (std::size_t place = 0; place < order.size(); ++place) {
    const std::uint64_t left = order.size() - place;
    std::uint64_t drawn = left;
    while (drawn >= left) {
      drawn = generator() / ((std::uint64_t{1} << 32) / left);
    }
    std::swap(order[place], order[place + drawn]);
    if (overload(order[place]) <= 1.0) {
      return order[place];
    }
    least = overload(order[place]) < overload(least) ? order[place] : least;
  }
  return least;
}

TEST(EnvoyLoadBound, ChoosesAsTheRuleWrittenDownPlainly) {
  RandomStream rng{1, "envoy"};
  for (int trial = 0; trial < 300; ++trial) {
    HostSet hosts = hosts_in(0, static_cast<std::uint32_t>(1 + rng.below(20)));
    for (Endpoint& endpoint : hosts.endpoints()) {
      endpoint.weight = static_cast<std::uint32_t>(1 + rng.below(5));
    }
    const std::vector<HashHost> hashed = hash_hosts_of(hosts.endpoints());
    const auto factor = static_cast<std::uint32_t>(1 + rng.below(200));
    EnvoyLoadBound bound{hashed, factor};
    for (int pick = 0; pick < 200; ++pick) {
      // Few of the hosts are wanted, so that they overflow.
      const std::size_t preferred = rng.below(1 + hosts.size() / 4);
      const std::uint64_t hash = rng.next();
      const std::size_t chosen = bound.choose(preferred, hash, hosts.loads());
      ASSERT_EQ(chosen, chosen_plainly(hashed, hosts.loads(), factor, preferred, hash));
      hosts.loads().begin(hashed[chosen].endpoint);
    }
  }
}

// What the header says of Envoy's rule: it passes at active == slots, so one more can be there
// afterwards, and never two more.
TEST(EnvoyLoadBound, IsExceededByOneAndNeverByTwo) {
  HostSet hosts = hosts_in(1, 10);
  MaglevSpec spec;
  spec.choice.balance_factor = 125;
  Maglev policy{spec, hosts.input()};
  RandomStream rng{1, "load"};
  bool exceeded = false;
  for (std::uint64_t placed = 1; placed <= 1000; ++placed) {
    // All keys want one host.
    const EndpointId taken{picked(policy, at_hash(77))};
    hosts.loads().begin(taken);
    const std::uint64_t slots = ((placed * 125 + 99) / 100 + 9) / 10;
    const std::uint32_t active = hosts.loads().active(taken);
    EXPECT_LE(active, slots + 1);
    exceeded = exceeded || active > slots;
  }
  EXPECT_TRUE(exceeded);
}

}  // namespace
}  // namespace windtunnel::balance
