// The composition: who gets requests as priorities, zones, subsets, health and snapshots change.
#include "models/balance/balancer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "tests/models/balance_locality/simple_policies.hpp"

namespace windtunnel::balance {
namespace {

constexpr Instant kNow{};
constexpr int kPicks = 40'000;

Endpoint at_priority(std::uint32_t priority, EndpointHealth health = EndpointHealth::healthy) {
  Endpoint endpoint;
  endpoint.priority = priority;
  endpoint.health = health;
  return endpoint;
}

Endpoint in_zone(const std::string& zone, EndpointHealth health = EndpointHealth::healthy) {
  Endpoint endpoint;
  endpoint.zone = zone;
  endpoint.health = health;
  return endpoint;
}

PickRequest keyed(std::string_view key) {
  PickRequest request;
  request.key = key;
  return request;
}
PickRequest hashed(std::uint64_t hash) {
  PickRequest request;
  request.hash = hash;
  return request;
}

class BalancerTest : public testing::Test {
 protected:
  Balancer& make(const BalancerOptions& options, const std::vector<Endpoint>& endpoints) {
    balancer_.emplace(UniformPolicy::make, options, RandomStream{1, "test.balancer"});
    balancer_->update(kNow, endpoints);
    return *balancer_;
  }
  std::optional<EndpointId> pick(const BalanceRequest& request = {}) {
    return balancer_->pick(kNow, request);
  }
  /// Shares of many picks by endpoint.
  std::map<std::uint32_t, double> shares(const BalanceRequest& request = {}) {
    std::map<std::uint32_t, double> shares;
    for (int i = 0; i < kPicks; ++i) {
      if (const auto picked = pick(request)) {
        shares[picked->value()] += 1.0 / kPicks;
      }
    }
    return shares;
  }
  static void expect_share(double seen, double expected) {
    EXPECT_NEAR(seen, expected, 4.5 * std::sqrt(expected * (1 - expected) / kPicks) + 1e-9);
  }

  std::optional<Balancer> balancer_;
};

TEST_F(BalancerTest, HasNobodyBeforeTheFirstSnapshotAndWithAnEmptyOne) {
  Balancer balancer{UniformPolicy::make, {}, RandomStream{1, "test"}};
  EXPECT_EQ(balancer.pick(kNow, PickRequest{}), std::nullopt);
  balancer.update(kNow, {});
  EXPECT_EQ(balancer.pick(kNow, PickRequest{}), std::nullopt);
  EXPECT_EQ(balancer.counts().nobody, 2U);
}

TEST_F(BalancerTest, SpillsToTheNextPriorityInTheComputedShare) {
  make({}, joined({endpoints_from(0, 2, at_priority(0)),
                   endpoints_from(2, 2, at_priority(0, EndpointHealth::unhealthy)),
                   endpoints_from(4, 5, at_priority(1))}));
  auto seen = shares();
  EXPECT_EQ(seen.count(2) + seen.count(3), 0U);
  expect_share(seen[0] + seen[1], 0.70);
  expect_share(seen[0], 0.35);
  expect_share(seen[8], 0.06);
}

// Over random snapshots, what each priority's healthy and degraded endpoints get is their load, and
// nobody else gets anything unless the priority panics.
TEST_F(BalancerTest, GivesEveryPartItsComputedLoadInTheLongRun) {
  constexpr std::array kHealths{EndpointHealth::healthy, EndpointHealth::healthy,
                                EndpointHealth::degraded, EndpointHealth::draining,
                                EndpointHealth::unhealthy};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomStream random{seed, "test.snapshots"};
    std::vector<Endpoint> endpoints = endpoints_from(0, 30);
    for (Endpoint& endpoint : endpoints) {
      endpoint.priority = static_cast<std::uint32_t>(random.below(3));
      endpoint.health = kHealths[random.below(kHealths.size())];
    }
    make({}, endpoints);
    std::vector<PriorityLoad> loads{balancer_->priority_loads().begin(),
                                    balancer_->priority_loads().end()};
    std::vector<std::pair<double, double>> seen(loads.size());
    for (const auto& [id, share] : shares()) {
      const Endpoint& endpoint = endpoints[id];
      ASSERT_NE(endpoint.health, EndpointHealth::draining);
      const bool is_degraded = endpoint.health == EndpointHealth::degraded;
      if (loads[endpoint.priority].is_in_panic) {
        seen[endpoint.priority].first += share;
        continue;
      }
      ASSERT_NE(endpoint.health, EndpointHealth::unhealthy);
      (is_degraded ? seen[endpoint.priority].second : seen[endpoint.priority].first) += share;
    }
    for (std::size_t i = 0; i < loads.size(); ++i) {
      if (loads[i].is_in_panic) {
        expect_share(seen[i].first, (loads[i].healthy + loads[i].degraded) / 100.0);
      } else {
        expect_share(seen[i].first, loads[i].healthy / 100.0);
        expect_share(seen[i].second, loads[i].degraded / 100.0);
      }
    }
  }
}

TEST_F(BalancerTest, AsksEverybodyButTheDrainingInAPanic) {
  make({}, joined({endpoints_from(0, 1),
                   endpoints_from(1, 3, at_priority(0, EndpointHealth::unhealthy)),
                   endpoints_from(4, 1, at_priority(0, EndpointHealth::draining))}));
  auto seen = shares();
  EXPECT_EQ(seen.size(), 4U);
  expect_share(seen[0], 0.25);
  EXPECT_EQ(balancer_->counts().in_panic, std::uint64_t{kPicks});
}

TEST_F(BalancerTest, ShedsInAPanicWhereToldTo) {
  BalancerOptions options;
  options.priorities.panic = PanicMode::fail;
  make(options, joined({endpoints_from(0, 1),
                        endpoints_from(1, 3, at_priority(0, EndpointHealth::unhealthy))}));
  EXPECT_EQ(pick(), std::nullopt);
}

// Envoy answers 503 with a threshold of zero: no panic, and nobody healthy.
TEST_F(BalancerTest, HasNobodyWithoutPanicAndWithoutHealth) {
  BalancerOptions options;
  options.priorities.priority.panic_threshold_percent = 0;
  make(options, endpoints_from(0, 3, at_priority(0, EndpointHealth::unhealthy)));
  EXPECT_EQ(pick(), std::nullopt);
}

TEST_F(BalancerTest, SendsNothingNewToAWeightOfZeroNorCountsItAsMissing) {
  std::vector<Endpoint> endpoints = endpoints_from(0, 4);
  endpoints[1].weight = endpoints[2].weight = endpoints[3].weight = 0;
  make({}, joined({endpoints, endpoints_from(4, 1, at_priority(1))}));
  EXPECT_EQ(shares().size(), 1U);
  EXPECT_EQ(balancer_->priority_loads()[0].healthy, 100U);
}

TEST_F(BalancerTest, MeasuresHealthByWeightWhereAsked) {
  std::vector<Endpoint> endpoints = endpoints_from(0, 2);
  endpoints[0].weight = 1;
  endpoints[1].weight = 3;
  endpoints[1].health = EndpointHealth::unhealthy;
  BalancerOptions options;
  options.priorities.health_basis = HealthBasis::weight;
  make(options, joined({endpoints, endpoints_from(2, 1, at_priority(1))}));
  EXPECT_EQ(balancer_->priority_loads()[0].healthy, 35U);
}

TEST_F(BalancerTest, SendsEqualKeysToTheSamePriority) {
  BalancerOptions options;
  options.draw = PriorityDraw::by_key;
  make(options, joined({endpoints_from(0, 1),
                        endpoints_from(1, 1, at_priority(0, EndpointHealth::unhealthy)),
                        endpoints_from(2, 1, at_priority(1))}));
  std::set<std::uint32_t> reached;
  for (int key = 0; key < 200; ++key) {
    const std::string text = "session-" + std::to_string(key);
    const BalanceRequest request{.pick = keyed(text)};
    const auto first = pick(request);
    for (int again = 0; again < 10; ++again) {
      ASSERT_EQ(pick(request), first);
    }
    reached.insert(first->value());
  }
  EXPECT_EQ(reached, (std::set<std::uint32_t>{0, 2}));
  EXPECT_EQ(pick({.pick = hashed(69)}), EndpointId{0});
  EXPECT_EQ(pick({.pick = hashed(70)}), EndpointId{2});
}

TEST_F(BalancerTest, KeepsRequestsInTheirZoneAsFarAsItsEndpointsReach) {
  BalancerOptions options;
  options.priorities.locality.zone_aware = ZoneAwareOptions{.local_zone = "a"};
  make(options, joined({endpoints_from(0, 2, in_zone("a")), endpoints_from(2, 4, in_zone("b")),
                        endpoints_from(6, 2, in_zone("c"))}));
  expect_share(shares()[0], 1.0 / 8);  // The proxies are unknown: all endpoints alike.
  balancer_->update_local_cluster(
      joined({endpoints_from(0, 4, in_zone("a")), endpoints_from(4, 4, in_zone("b")),
              endpoints_from(8, 2, in_zone("c"))}));
  auto seen = shares();
  // 40/40/20 % of the proxies, 25/50/25 % of the endpoints: 62.5 % stay, the rest goes 2:1.
  expect_share(seen[0] + seen[1], 0.625);
  expect_share(seen[2] + seen[3] + seen[4] + seen[5], 0.25);
  expect_share(seen[6] + seen[7], 0.125);
  EXPECT_EQ(balancer_->counts().local_zone + balancer_->counts().other_zone, std::uint64_t{kPicks});
}

TEST_F(BalancerTest, IgnoresZonesWhileTheProxiesThemselvesAreIll) {
  BalancerOptions options;
  options.priorities.locality.zone_aware = ZoneAwareOptions{.local_zone = "a"};
  make(options, joined({endpoints_from(0, 3, in_zone("a")), endpoints_from(3, 3, in_zone("b"))}));
  balancer_->update_local_cluster(
      joined({endpoints_from(0, 1, in_zone("a")), endpoints_from(1, 1, in_zone("b")),
              endpoints_from(2, 3, in_zone("b", EndpointHealth::unhealthy))}));
  expect_share(shares()[5], 1.0 / 6);
  EXPECT_EQ(balancer_->counts().local_zone, 0U);
}

TEST_F(BalancerTest, RoutesOnlyThePercentageAskedForByZone) {
  BalancerOptions options;
  options.priorities.locality.zone_aware =
      ZoneAwareOptions{.local_zone = "a", .routing_percent = 40};
  make(options, joined({endpoints_from(0, 3, in_zone("a")), endpoints_from(3, 3, in_zone("b"))}));
  balancer_->update_local_cluster(
      joined({endpoints_from(0, 1, in_zone("a")), endpoints_from(1, 1, in_zone("b"))}));
  auto seen = shares();
  expect_share(seen[3] + seen[4] + seen[5], 0.6 / 2);
}

// Degraded endpoints are all in the other zone than the one the request was routed to.
TEST_F(BalancerTest, FindsDegradedEndpointsOutsideTheChosenZone) {
  BalancerOptions options;
  options.priorities.locality.zone_aware =
      ZoneAwareOptions{.local_zone = "a", .healthy_hosts_min = 1};
  make(options, joined({endpoints_from(0, 3, in_zone("a")),
                        endpoints_from(3, 3, in_zone("b", EndpointHealth::degraded))}));
  balancer_->update_local_cluster(
      joined({endpoints_from(0, 1, in_zone("a")), endpoints_from(1, 1, in_zone("b"))}));
  auto seen = shares();
  expect_share(seen[0] + seen[1] + seen[2], 0.70);
  expect_share(seen[3] + seen[4] + seen[5], 0.30);
}

TEST_F(BalancerTest, FollowsTheControlPlanesLocalityWeights) {
  BalancerOptions options;
  options.priorities.locality.weights = {{"x", 0, 1}, {"y", 0, 2}};
  make(options, joined({endpoints_from(0, 1, in_zone("x")),
                        endpoints_from(1, 1, in_zone("x", EndpointHealth::unhealthy)),
                        endpoints_from(2, 8, in_zone("y")), endpoints_from(10, 2, in_zone("z"))}));
  const auto seen = shares();
  // Half of x is up: 0.7 against 2. z has no weight. In turns, so exact to a pick or two.
  EXPECT_NEAR(seen.at(0), 0.7 / 2.7, 3.0 / kPicks);
  EXPECT_EQ(seen.count(10) + seen.count(11), 0U);
}

TEST_F(BalancerTest, BalancesWithinASubsetWithItsOwnPrioritiesAndPanic) {
  const auto with_stage = [](std::vector<Endpoint> endpoints, const std::string& stage) {
    for (Endpoint& endpoint : endpoints) {
      endpoint.labels = {{"stage", stage}};
    }
    return endpoints;
  };
  BalancerOptions options;
  options.subsets = SubsetOptions{.selectors = {{{"stage"}, std::nullopt}}};
  make(
      options,
      joined({with_stage(endpoints_from(0, 5), "prod"), with_stage(endpoints_from(5, 1), "canary"),
              with_stage(endpoints_from(6, 1, at_priority(0, EndpointHealth::unhealthy)), "canary"),
              with_stage(endpoints_from(7, 1, at_priority(1)), "canary")}));
  const std::array<LabelMatch, 1> canary{LabelMatch{"stage", "canary"}};
  auto seen = shares({.subset = canary});
  expect_share(seen[5], 0.70);
  expect_share(seen[7], 0.30);
  const std::array<LabelMatch, 1> unknown{LabelMatch{"stage", "test"}};
  EXPECT_EQ(pick({.subset = unknown}), std::nullopt);
  EXPECT_EQ(pick(), std::nullopt);
}

TEST_F(BalancerTest, ReturnsToAStickyHostWhileItIsNotUnhealthy) {
  for (const auto health :
       {EndpointHealth::healthy, EndpointHealth::degraded, EndpointHealth::draining}) {
    make({}, joined({endpoints_from(0, 5), endpoints_from(5, 1, at_priority(3, health))}));
    EXPECT_EQ(pick({.sticky_host = EndpointId{5}}), EndpointId{5});
  }
}

TEST_F(BalancerTest, BalancesWhereAStickyHostIsGoneUnlessStrict) {
  const auto endpoints = joined(
      {endpoints_from(0, 4), endpoints_from(4, 1, at_priority(0, EndpointHealth::unhealthy))});
  for (const std::uint32_t gone : {4U, 77U}) {
    make({}, endpoints);
    EXPECT_LT(pick({.sticky_host = EndpointId{gone}})->value(), 4U);
    make({.sticky = StickyMode::strict}, endpoints);
    EXPECT_EQ(pick({.sticky_host = EndpointId{gone}}), std::nullopt);
    EXPECT_EQ(pick({.sticky_host = EndpointId{1}}), EndpointId{1});
  }
}

TEST_F(BalancerTest, KeepsStickyHostsAndLoadsOverASnapshot) {
  make({}, endpoints_from(0, 6));
  balancer_->begin(EndpointId{2});
  balancer_->begin(EndpointId{5});
  balancer_->update(kNow, endpoints_from(0, 3));
  EXPECT_EQ(balancer_->loads().active(EndpointId{2}), 1U);
  EXPECT_EQ(pick({.sticky_host = EndpointId{2}}), EndpointId{2});
  balancer_->end(EndpointId{5});  // It is gone, its request was not.
  balancer_->end(EndpointId{2});
  EXPECT_EQ(balancer_->loads().total_active(), 0U);
  EXPECT_EQ(shares().size(), 3U);
}

TEST_F(BalancerTest, RefusesASnapshotThatNamesAnEndpointTwice) {
  make({}, endpoints_from(0, 2));
  EXPECT_THROW(balancer_->update(kNow, joined({endpoints_from(0, 1), endpoints_from(0, 1)})),
               ProgrammingError);
  EXPECT_EQ(shares().size(), 2U) << "the snapshot in use stays";
}

/// Remembers what it was told.
class ListeningPolicy final : public Policy {
 public:
  using Told = std::vector<std::pair<std::vector<std::uint32_t>, std::uint32_t>>;
  ListeningPolicy(const PolicyInput& input, Told& told) : told_(told) {
    for (const Endpoint& endpoint : input.endpoints) {
      members_.push_back(endpoint.id.value());
    }
  }
  std::optional<EndpointId> pick(Instant, const PickRequest&) override {
    return EndpointId{members_.front()};
  }
  void observe(Instant, const AttemptResult& result) override {
    told_.emplace_back(members_, result.endpoint.value());
  }
  [[nodiscard]] bool learns() const override { return true; }

 private:
  std::vector<std::uint32_t> members_;
  Told& told_;
};

TEST_F(BalancerTest, TellsAnAttemptsEndToThePoliciesThatMayPickItsEndpoint) {
  ListeningPolicy::Told told;
  BalancerOptions options;
  options.priorities.locality.weights = {{"x", 0, 1}, {"y", 0, 1}};
  Balancer balancer{
      [&](const PolicyInput& input) { return std::make_unique<ListeningPolicy>(input, told); },
      options, RandomStream{1, "test"}};
  balancer.update(kNow,
                  joined({endpoints_from(0, 2, in_zone("x")), endpoints_from(2, 1, in_zone("y"))}));
  balancer.observe(kNow, {.endpoint = EndpointId{1}});
  EXPECT_EQ(told, (ListeningPolicy::Told{{{0, 1, 2}, 1}, {{0, 1}, 1}}));
  told.clear();
  balancer.update(kNow, endpoints_from(0, 1));
  balancer.observe(kNow, {.endpoint = EndpointId{2}});
  balancer.observe(kNow, {.endpoint = EndpointId{99}});
  EXPECT_TRUE(told.empty());
}

/// The sets that policies were made for since the last look.
class Makers {
 public:
  [[nodiscard]] PolicyFactory factory() {
    return [this](const PolicyInput& input) {
      made_.emplace_back();
      for (const Endpoint& endpoint : input.endpoints) {
        made_.back().push_back(endpoint.id.value());
      }
      return UniformPolicy::make(input);
    };
  }
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> take() { return std::exchange(made_, {}); }

 private:
  std::vector<std::vector<std::uint32_t>> made_;
};

TEST_F(BalancerTest, MakesPoliciesAnewOnlyWhereAPriorityHasChanged) {
  using Sets = std::vector<std::vector<std::uint32_t>>;
  Makers makers;
  Balancer balancer{makers.factory(), {}, RandomStream{1, "test"}};
  std::vector<Endpoint> endpoints =
      joined({endpoints_from(0, 2), endpoints_from(2, 2, at_priority(0, EndpointHealth::unhealthy)),
              endpoints_from(4, 3, at_priority(1))});
  balancer.update(kNow, endpoints);
  EXPECT_EQ(makers.take(), (Sets{{0, 1}, {4, 5, 6}}));
  balancer.update(kNow, endpoints);
  EXPECT_EQ(makers.take(), Sets{});
  endpoints[6].weight = 2;
  balancer.update(kNow, endpoints);
  EXPECT_EQ(makers.take(), (Sets{{4, 5, 6}}));
  endpoints[2].health = EndpointHealth::healthy;  // P=1 is no longer needed.
  balancer.update(kNow, endpoints);
  EXPECT_EQ(makers.take(), (Sets{{0, 1, 2}}));
  endpoints.resize(4);
  balancer.update(kNow, endpoints);
  EXPECT_EQ(makers.take(), Sets{});
  EXPECT_LT(balancer.pick(kNow, PickRequest{})->value(), 3U);
}

TEST_F(BalancerTest, KeepsPoliciesOfSubsetsAlthoughOthersComeAndGo) {
  using Sets = std::vector<std::vector<std::uint32_t>>;
  const auto with_stage = [](std::uint32_t id, const std::string& stage) {
    Endpoint endpoint = endpoints_from(id, 1).front();
    endpoint.labels = {{"stage", stage}};
    return endpoint;
  };
  BalancerOptions options;
  options.subsets = SubsetOptions{.selectors = {{{"stage"}, std::nullopt}}};
  Makers makers;
  Balancer balancer{makers.factory(), options, RandomStream{1, "test"}};
  const std::vector<Endpoint> first{with_stage(0, "b"), with_stage(1, "c")};
  balancer.update(kNow, first);
  EXPECT_EQ(makers.take(), (Sets{{0, 1}, {0}, {1}}));
  const std::vector<Endpoint> second{with_stage(2, "a"), with_stage(1, "c")};
  balancer.update(kNow, second);
  EXPECT_EQ(makers.take(), (Sets{{2, 1}, {2}}));
  const std::array<LabelMatch, 1> kept{LabelMatch{"stage", "c"}};
  EXPECT_EQ(balancer.pick(kNow, BalanceRequest{.subset = kept}), EndpointId{1});
}

// Snapshots in any order, picks between them: what a balancer with a past gives is what one without
// would give, whatever it kept.
TEST_F(BalancerTest, ForgetsItsPastButForPolicies) {
  RandomStream random{1, "test.past"};
  std::vector<Endpoint> endpoints = endpoints_from(0, 12);
  Balancer with_past{UniformPolicy::make, {}, RandomStream{1, "test"}};
  for (int round = 0; round < 300; ++round) {
    Endpoint& changed = endpoints[random.below(endpoints.size())];
    changed.priority = static_cast<std::uint32_t>(random.below(2));
    changed.health = random.below(2) == 0 ? EndpointHealth::healthy : EndpointHealth::unhealthy;
    with_past.update(kNow, endpoints);
    Balancer without{UniformPolicy::make, {}, RandomStream{2, "test"}};
    without.update(kNow, endpoints);
    std::set<std::uint32_t> picked[2];
    for (int pick = 0; pick < 400; ++pick) {
      picked[0].insert(with_past.pick(kNow, PickRequest{})->value());
      picked[1].insert(without.pick(kNow, PickRequest{})->value());
    }
    const auto loads = with_past.priority_loads();
    ASSERT_TRUE(std::equal(loads.begin(), loads.end(), without.priority_loads().begin()));
    for (const std::uint32_t id : picked[0]) {
      const PriorityLoad& load = loads[endpoints[id].priority];
      ASSERT_TRUE(load.is_in_panic || endpoints[id].health == EndpointHealth::healthy);
    }
    // Where one priority takes everything, each of its endpoints is sure to be among the picks.
    if (loads[0].healthy == 100) {
      ASSERT_EQ(picked[0], picked[1]) << "round " << round;
    }
  }
}

TEST_F(BalancerTest, MakesTheSamePicksFromTheSameSeed) {
  const auto endpoints = joined({endpoints_from(0, 5), endpoints_from(5, 5, at_priority(1))});
  std::vector<std::uint32_t> traces[2];
  for (auto& trace : traces) {
    make({}, endpoints);
    for (int i = 0; i < 1'000; ++i) {
      trace.push_back(pick()->value());
    }
  }
  EXPECT_EQ(traces[0], traces[1]);
}

}  // namespace
}  // namespace windtunnel::balance
