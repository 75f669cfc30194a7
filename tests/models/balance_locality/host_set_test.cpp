#include "models/balance/host_set.hpp"

#include <algorithm>
#include <array>

#include <gtest/gtest.h>

#include "runtime/random.hpp"
#include "tests/models/balance_locality/simple_policies.hpp"

namespace windtunnel::balance {
namespace {

using Ids = std::vector<std::uint32_t>;

Ids ids_of(std::span<const Endpoint> endpoints) {
  Ids ids;
  for (const Endpoint& endpoint : endpoints) {
    ids.push_back(endpoint.id.value());
  }
  return ids;
}

std::vector<Endpoint> random_endpoints(RandomStream& random) {
  constexpr std::array kHealths{EndpointHealth::healthy, EndpointHealth::degraded,
                                EndpointHealth::draining, EndpointHealth::unhealthy};
  std::vector<Endpoint> endpoints = endpoints_from(0, 60);
  for (Endpoint& endpoint : endpoints) {
    endpoint.health = kHealths[random.below(kHealths.size())];
    endpoint.weight = static_cast<std::uint32_t>(random.below(4));
    endpoint.zone = std::string(1, static_cast<char>('a' + random.below(4)));
  }
  return endpoints;
}

/// Those that `belongs` takes, by a search through all.
template <typename Belongs>
Ids searched(std::span<const Endpoint> endpoints, Belongs&& belongs) {
  Ids ids;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.weight > 0 && belongs(endpoint)) {
      ids.push_back(endpoint.id.value());
    }
  }
  return ids;
}

TEST(HostSet, KeepsTheControlPlanesOrderWithinEachDegreeOfHealth) {
  RandomStream random{1, "test.host_set"};
  const auto endpoints = random_endpoints(random);
  const HostSet hosts{endpoints, ZoneLayout::ignored, ""};
  EXPECT_EQ(ids_of(hosts.healthy()), searched(endpoints, [](const Endpoint& endpoint) {
              return endpoint.health == EndpointHealth::healthy;
            }));
  EXPECT_EQ(ids_of(hosts.degraded()), searched(endpoints, [](const Endpoint& endpoint) {
              return endpoint.health == EndpointHealth::degraded;
            }));
  EXPECT_TRUE(hosts.zones().empty());
}

TEST(HostSet, HasEveryPartOfEveryZoneWhateverTheEndpoints) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "test.host_set"};
    const auto endpoints = random_endpoints(random);
    HostSet moved_from{endpoints, ZoneLayout::grouped, "c"};
    const HostSet hosts{std::move(moved_from)};
    for (std::size_t i = 0; i < hosts.zones().size(); ++i) {
      const std::string& zone = hosts.zones()[i].zone;
      for (const auto& [availability, health] :
           {std::pair{Availability::healthy, EndpointHealth::healthy},
            std::pair{Availability::degraded, EndpointHealth::degraded}}) {
        EXPECT_EQ(ids_of(hosts.usable_in(i, availability)),
                  searched(endpoints, [&, wanted = health](const Endpoint& endpoint) {
                    return endpoint.health == wanted && endpoint.zone == zone;
                  }));
      }
      EXPECT_EQ(hosts.zones()[i].hosts, searched(endpoints, [&](const Endpoint& endpoint) {
                                          return endpoint.zone == zone;
                                        }).size());
    }
    EXPECT_EQ(hosts.zones().front().zone, "c");
    Ids in_panic = ids_of(hosts.believed_in_panic());
    std::sort(in_panic.begin(), in_panic.end());
    EXPECT_EQ(in_panic, searched(endpoints, [](const Endpoint& endpoint) {
                return endpoint.health != EndpointHealth::draining;
              }));
  }
}

}  // namespace
}  // namespace windtunnel::balance
