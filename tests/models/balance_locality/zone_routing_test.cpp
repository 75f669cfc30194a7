// Routing by zone against the figures of Envoy's tests
// (test/extensions/load_balancing_policies/round_robin/round_robin_lb_test.cc), and the end it
// serves: each endpoint gets the same load, however the proxies are spread.
#include "models/balance/zone_routing.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace windtunnel::balance {
namespace {

using Mode = ZoneRouting::Mode;
using Sums = std::vector<std::uint64_t>;

ZoneCapacity zone(const std::string& name, std::uint32_t healthy, std::uint64_t weight = 0) {
  return {name, healthy, healthy, weight};
}

LocalCluster proxies(std::vector<ZoneCapacity> zones) {
  LocalCluster cluster{std::move(zones), {}};
  for (const ZoneCapacity& each : cluster.zones) {
    cluster.hosts.hosts += each.hosts;
    cluster.hosts.healthy += each.healthy;
  }
  return cluster;
}

ZoneAwareOptions options_in(const std::string& local_zone, std::uint32_t healthy_hosts_min) {
  ZoneAwareOptions options;
  options.local_zone = local_zone;
  options.healthy_hosts_min = healthy_hosts_min;
  return options;
}

Sums sums_of(const ZoneRouting& routing) {
  return {routing.residual_capacity().begin(), routing.residual_capacity().end()};
}

TEST(ZoneRouting, StaysLocalWhereTheZoneHasItsShare) {
  const std::vector<ZoneCapacity> upstream{zone("b", 1), zone("a", 1), zone("c", 1)};
  const ZoneRouting routing{upstream, proxies({zone("a", 1), zone("b", 1), zone("c", 1)}),
                            options_in("b", 3)};
  EXPECT_EQ(routing.mode(), Mode::all_local);
}

// Two thirds of the time zone b, else the only zone with capacity to spare: c.
TEST(ZoneRouting, SendsTheRestToWhereNoProxiesAre) {
  const std::vector<ZoneCapacity> upstream{zone("b", 1), zone("a", 1), zone("c", 1)};
  const ZoneRouting routing{upstream, proxies({zone("a", 1), zone("b", 1)}), options_in("b", 3)};
  EXPECT_EQ(routing.mode(), Mode::residual);
  EXPECT_EQ(routing.local_share(), 6666U);
  EXPECT_EQ(sums_of(routing), (Sums{0, 0, 3333}));
}

// ZoneAwareRoutingSmallZone: one of five endpoints in the zone of a third of the proxies.
TEST(ZoneRouting, LeavesASmallZoneInProportion) {
  const std::vector<ZoneCapacity> upstream{zone("a", 1), zone("b", 2), zone("c", 2)};
  const ZoneRouting routing{upstream, proxies({zone("a", 1), zone("b", 1), zone("c", 1)}),
                            options_in("a", 5)};
  EXPECT_EQ(routing.local_share(), 6000U);
  EXPECT_EQ(sums_of(routing), (Sums{0, 667, 1334}));
}

// ZoneAwareNoMatchingZones: 3333 * 3 is all there is to draw from.
TEST(ZoneRouting, SpreadsOverZonesWithoutProxiesEvenly) {
  const std::vector<ZoneCapacity> upstream{zone("d", 1), zone("e", 1), zone("f", 1)};
  const ZoneRouting routing{upstream, proxies({zone("a", 1), zone("b", 1), zone("c", 1)}),
                            options_in("a", 3)};
  EXPECT_EQ(routing.local_share(), 0U);
  EXPECT_EQ(sums_of(routing), (Sums{3333, 6666, 9999}));
}

// ZoneAwareUseHostWeight: two proxies of 100 in one zone weigh as much as one of 200 in the other.
TEST(ZoneRouting, WeighsHostsWhereAsked) {
  const std::vector<ZoneCapacity> upstream{zone("a", 1, 100), zone("b", 1, 100)};
  const LocalCluster local = proxies({zone("a", 2, 200), zone("b", 1, 200)});
  ZoneAwareOptions options = options_in("a", 2);
  EXPECT_EQ((ZoneRouting{upstream, local, options}.mode()), Mode::residual);
  options.basis = ZoneBasis::healthy_weight;
  EXPECT_EQ((ZoneRouting{upstream, local, options}.mode()), Mode::all_local);
}

// The comment's example: 40/40/20 % of the proxies, 25/50/25 % of the endpoints.
TEST(ZoneRouting, FillsWhatIsLeftElsewhere) {
  const std::vector<ZoneCapacity> upstream{zone("a", 25), zone("b", 50), zone("c", 25)};
  const ZoneRouting routing{upstream, proxies({zone("a", 40), zone("b", 40), zone("c", 20)}),
                            options_in("a", 6)};
  EXPECT_EQ(routing.local_share(), 6250U);
  EXPECT_EQ(sums_of(routing), (Sums{0, 1000, 1500}));
}

TEST(ZoneRouting, IsOffWhereItCannotKnowOrWouldNotHelp) {
  const std::vector<ZoneCapacity> two{zone("a", 3), zone("b", 3)};
  const std::vector<ZoneCapacity> one{zone("a", 6)};
  const LocalCluster local = proxies({zone("a", 1), zone("b", 1)});
  EXPECT_EQ((ZoneRouting{one, local, options_in("a", 6)}.mode()), Mode::off);
  EXPECT_EQ((ZoneRouting{two, local, options_in("a", 7)}.mode()), Mode::off);
  EXPECT_EQ((ZoneRouting{two, proxies({zone("a", 2)}), options_in("a", 6)}.mode()), Mode::off);
  EXPECT_EQ((ZoneRouting{two, local, options_in("c", 6)}.mode()), Mode::off);
  EXPECT_EQ((ZoneRouting{two, local, options_in("a", 6)}.mode()), Mode::all_local);
}

TEST(ZoneRouting, StaysLocalByForceWithEnoughHealthyHosts) {
  const std::vector<ZoneCapacity> upstream{zone("a", 2), zone("b", 8)};
  ZoneAwareOptions options = options_in("a", 6);
  options.stay_local_hosts_min = 2;
  const LocalCluster local = proxies({zone("a", 9), zone("b", 1)});
  EXPECT_EQ((ZoneRouting{upstream, local, options}.mode()), Mode::all_local);
  options.stay_local_hosts_min = 3;
  EXPECT_EQ((ZoneRouting{upstream, local, options}.mode()), Mode::residual);
}

TEST(ZoneRouting, NeverStaysInAZoneWithoutHealthyEndpoints) {
  const std::vector<ZoneCapacity> upstream{{"a", 3, 0, 0}, zone("b", 8)};
  const ZoneRouting routing{upstream, proxies({zone("a", 1), zone("b", 9)}), options_in("a", 6)};
  RandomStream random{1, "test.zone"};
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(routing.choose(random), 1U);
  }
}

/// The shares of one proxy's requests that go to each zone of `upstream`.
std::vector<double> shares_of(const ZoneRouting& routing, std::size_t zones) {
  std::vector<double> shares(zones);
  if (routing.mode() == Mode::all_local) {
    shares[0] = 1;
    return shares;
  }
  const double local = static_cast<double>(routing.local_share()) / 10'000;
  const auto sums = routing.residual_capacity();
  for (std::size_t i = 0; i < zones; ++i) {
    const auto part = static_cast<double>(sums[i] - (i == 0 ? 0 : sums[i - 1]));
    shares[i] = sums.back() == 0 ? (1 - local) / static_cast<double>(zones)
                                 : (1 - local) * part / static_cast<double>(sums.back());
  }
  shares[0] += local;
  return shares;
}

// What all proxies together send to a zone is its share of the endpoints: the sum over zones z of
// L_z * share(z, i) is U_i. Ten-thousandths are truncated several times, hence the tolerance.
TEST(ZoneRouting, GivesEachEndpointTheSameLoadHoweverProxiesAreSpread) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random{seed, "test.zones"};
    const std::size_t count = 2 + random.below(4);
    std::vector<ZoneCapacity> upstream;
    std::vector<ZoneCapacity> local;
    double upstream_total = 0;
    double local_total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string name(1, static_cast<char>('a' + i));
      upstream.push_back(zone(name, 3 + static_cast<std::uint32_t>(random.below(50))));
      local.push_back(zone(name, 1 + static_cast<std::uint32_t>(random.below(50))));
      upstream_total += upstream.back().healthy;
      local_total += local.back().healthy;
    }
    std::vector<double> received(count);
    for (std::size_t here = 0; here < count; ++here) {
      std::vector<ZoneCapacity> seen = upstream;
      std::rotate(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(here), seen.end());
      const ZoneRouting routing{seen, proxies(local), options_in(upstream[here].zone, 6)};
      ASSERT_NE(routing.mode(), Mode::off);
      const std::vector<double> shares = shares_of(routing, count);
      for (std::size_t i = 0; i < count; ++i) {
        received[(here + i) % count] += local[here].healthy / local_total * shares[i];
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      EXPECT_NEAR(received[i], upstream[i].healthy / upstream_total, 2e-3) << "seed " << seed;
    }
  }
}

TEST(ZoneRouting, DrawsInTheSharesItComputed) {
  constexpr int kDraws = 200'000;
  const std::vector<ZoneCapacity> upstream{zone("a", 25), zone("b", 50), zone("c", 25)};
  const ZoneRouting routing{upstream, proxies({zone("a", 40), zone("b", 40), zone("c", 20)}),
                            options_in("a", 6)};
  RandomStream random{1, "test.draws"};
  std::vector<int> counts(3);
  for (int i = 0; i < kDraws; ++i) {
    ++counts[routing.choose(random)];
  }
  const std::vector<double> shares = shares_of(routing, 3);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(counts[i] / static_cast<double>(kDraws), shares[i],
                4 * std::sqrt(shares[i] * (1 - shares[i]) / kDraws));
  }
}

}  // namespace
}  // namespace windtunnel::balance
