#include "models/balance/prequal.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <queue>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/balance/power_of_choices.hpp"
#include "models/balance/prequal_server.hpp"
#include "models/balance/random_choice.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

using std::chrono::milliseconds;

Instant at(Duration since_start) {
  return Instant{since_start};
}

PrequalSpec without_removals() {
  return {.removals_per_query = 0};
}

/// Twenty endpoints, so that a probe may be used often and the pool is small beside them.
const MadeEndpoints& fleet() {
  static const MadeEndpoints made{std::vector<std::uint32_t>(20, 1)};
  return made;
}

void learn_all(Prequal& policy, const std::vector<ProbeAnswer>& answers) {
  for (const ProbeAnswer& answer : answers) {
    policy.learn(at({}), answer);
  }
}

TEST(Prequal, TakesTheFastestOfTheCold) {
  Prequal policy{without_removals(), fleet().input(1)};
  learn_all(policy, {{EndpointId{0}, 9, milliseconds{1}},
                     {EndpointId{1}, 2, milliseconds{30}},
                     {EndpointId{2}, 2, milliseconds{20}},
                     {EndpointId{3}, 1, milliseconds{40}},
                     {EndpointId{4}, 3, milliseconds{50}},
                     {EndpointId{5}, 3, milliseconds{60}},
                     {EndpointId{6}, 3, milliseconds{70}}});
  // The quantile 0.84 of the numbers in flight is 3: endpoint 0 is hot, for all its speed.
  EXPECT_EQ(policy.pick(at({}), {}), EndpointId{2});
}

TEST(Prequal, TakesTheLeastLoadedWhereAllAreHot) {
  PrequalSpec spec = without_removals();
  spec.hot_quantile = 0;
  Prequal policy{spec, fleet().input(1)};
  learn_all(policy, {{EndpointId{9}, 1, milliseconds{1}},
                     {EndpointId{0}, 9, milliseconds{1}},
                     {EndpointId{1}, 4, milliseconds{30}},
                     {EndpointId{2}, 7, milliseconds{20}}});
  const std::vector<EndpointId> tried{EndpointId{9}};
  EXPECT_EQ(policy.pick(at({}), after(tried)), EndpointId{1});
}

TEST(Prequal, CountsItsOwnRequestsIntoTheAnswersItUses) {
  PrequalSpec spec = without_removals();
  spec.hot_quantile = 0;
  spec.pool_growth = 1000;
  Prequal policy{spec, fleet().input(1)};
  learn_all(policy, {{EndpointId{5}, 0, milliseconds{9}},
                     {EndpointId{0}, 3, milliseconds{1}},
                     {EndpointId{1}, 4, milliseconds{1}}});
  const std::vector<EndpointId> tried{EndpointId{5}};
  EXPECT_EQ(policy.pick(at({}), after(tried)), EndpointId{0});
  EXPECT_EQ(policy.pick(at({}), after(tried)), EndpointId{0});
  EXPECT_EQ(policy.pick(at({}), after(tried)), EndpointId{1});
}

TEST(Prequal, ForgetsAnswersOfMoreThanASecond) {
  Prequal policy{without_removals(), fleet().input(1)};
  learn_all(policy, {{EndpointId{0}, 1, milliseconds{1}}, {EndpointId{1}, 1, milliseconds{2}}});
  static_cast<void>(policy.pick(at(milliseconds{1000}), {}));
  EXPECT_GE(policy.pool_size(), 1U);
  static_cast<void>(policy.pick(at(milliseconds{1001}), {}));
  EXPECT_EQ(policy.pool_size(), 0U);
}

TEST(Prequal, DropsTheOldestAndTheWorstInTurns) {
  PrequalSpec spec;
  spec.pool_growth = 1000;
  Prequal policy{spec, fleet().input(1)};
  learn_all(policy, {{EndpointId{0}, 1, milliseconds{10}},
                     {EndpointId{1}, 1, milliseconds{20}},
                     {EndpointId{2}, 1, milliseconds{90}},
                     {EndpointId{3}, 1, milliseconds{30}},
                     {EndpointId{4}, 1, milliseconds{40}}});
  // Each pick takes the fastest that is left: the first loses the oldest, the second the slowest.
  EXPECT_EQ(policy.pick(at({}), {}), EndpointId{0});
  EXPECT_EQ(policy.pool_size(), 4U);
  EXPECT_EQ(policy.pick(at({}), {}), EndpointId{1});
  EXPECT_EQ(policy.pool_size(), 3U);
  const std::vector<EndpointId> tried{EndpointId{1}, EndpointId{3}, EndpointId{4}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_NE(policy.pick(at({}), after(tried)), EndpointId{1});
  }
}

TEST(Prequal, KeepsThePoolWithinItsSize) {
  Prequal policy{without_removals(), fleet().input(1)};
  for (std::uint32_t i = 0; i < 100; ++i) {
    policy.learn(at({}), {EndpointId{i % 20}, 1, milliseconds{1}});
  }
  EXPECT_EQ(policy.pool_size(), 16U);
}

TEST(Prequal, GivesEachAnswerItsBudget) {
  // (1 + 1) / ((1 - 16/20) 3 - 0) = 3.33; (1 + 1) / ((1 - 16/100) 3 - 1) = 1.316.
  EXPECT_NEAR((Prequal{without_removals(), fleet().input(1)}.reuse_budget()), 10.0 / 3, 1e-12);
  const MadeEndpoints hundred{std::vector<std::uint32_t>(100, 1)};
  EXPECT_NEAR((Prequal{{}, hundred.input(1)}.reuse_budget()), 2 / 1.52, 1e-12);
  EXPECT_EQ((Prequal{{}, fleet().input(1)}.reuse_budget()),
            std::numeric_limits<double>::infinity());
}

TEST(Prequal, ProbesSoManyDifferentEndpointsAQuery) {
  PrequalSpec spec;
  spec.probes_per_query = 2.5;
  Prequal policy{spec, fleet().input(1)};
  std::size_t probes = 0;
  for (int query = 0; query < 1000; ++query) {
    const std::span<const EndpointId> drawn = policy.draw_probe_targets();
    std::vector<EndpointId> targets(drawn.begin(), drawn.end());
    probes += targets.size();
    std::sort(targets.begin(), targets.end());
    ASSERT_EQ(std::adjacent_find(targets.begin(), targets.end()), targets.end());
  }
  EXPECT_NEAR(static_cast<double>(probes), 2500, 1);
}

TEST(PrequalServer, AnswersTheMedianLatencyAtTheNearestLevelItMet) {
  PrequalServer server;
  EXPECT_EQ(server.latency(), Duration::zero());
  for (const int latency : {5, 1, 9}) {
    const std::uint32_t level = server.begin();
    server.end(level, milliseconds{latency});
  }
  EXPECT_EQ(server.latency(), milliseconds{5});
  static_cast<void>(server.begin());
  const std::uint32_t second = server.begin();
  EXPECT_EQ(second, 2U);
  server.end(second, milliseconds{50});
  EXPECT_EQ(server.in_flight(), 1U);
  EXPECT_EQ(server.latency(), milliseconds{50});
}

/// Many clients that each see their own requests only, before servers of which half are slow: the
/// case that the paper makes. Servers work through one queue each.
class Service {
 public:
  explicit Service(std::uint64_t seed) : random_(seed, "service") {}

  struct Client {
    MadeEndpoints made{std::vector<std::uint32_t>(kServers, 1)};
    std::unique_ptr<Policy> policy;
    Prequal* prequal = nullptr;  ///< The same, where it probes.
  };

  /// The 99th percentile of latencies, in mean service times of a fast server.
  template <typename PolicyType, typename Spec>
  double p99(Spec spec) {
    std::vector<Client> clients(kClients);
    for (std::uint64_t i = 0; i < kClients; ++i) {
      auto policy = std::make_unique<PolicyType>(spec, clients[i].made.input(i));
      if constexpr (std::is_same_v<PolicyType, Prequal>) {
        clients[i].prequal = policy.get();
      }
      clients[i].policy = std::move(policy);
    }
    run(clients);
    const auto rank = static_cast<std::ptrdiff_t>(latencies_.size() * 99 / 100);
    std::nth_element(latencies_.begin(), latencies_.begin() + rank, latencies_.end());
    return static_cast<double>(latencies_[static_cast<std::size_t>(rank)].count()) / 1e6;
  }

 private:
  static constexpr std::size_t kClients = 20;
  static constexpr std::uint32_t kServers = 40;

  struct Done {
    Instant when;
    std::uint64_t order;
    std::size_t client;
    EndpointId server;
    Instant begun;
    std::uint32_t level;
    bool operator>(const Done& other) const {
      return std::pair{when, order} > std::pair{other.when, other.order};
    }
  };

  void run(std::vector<Client>& clients) {
    std::vector<PrequalServer> servers(kServers);
    std::vector<Instant> free_at(kServers);
    std::priority_queue<Done, std::vector<Done>, std::greater<>> under_way;
    // Fast servers serve one a millisecond, slow ones half of that; three quarters of it is used.
    const double gap = 1e6 / (0.75 * kServers * 0.75);
    Instant now{};
    for (std::uint64_t request = 0; request < 60'000; ++request) {
      now += Duration{static_cast<std::int64_t>(random_.exponential() * gap)};
      for (; !under_way.empty() && under_way.top().when <= now; under_way.pop()) {
        const Done& done = under_way.top();
        servers[done.server.value()].end(done.level, done.when - done.begun);
        clients[done.client].made.loads.end(done.server);
        latencies_.push_back(done.when - done.begun);
      }
      const std::size_t number = random_.below(kClients);
      Client& client = clients[number];
      if (client.prequal != nullptr) {
        for (const EndpointId target : client.prequal->draw_probe_targets()) {
          const PrequalServer& server = servers[target.value()];
          client.prequal->learn(now, {target, server.in_flight(), server.latency()});
        }
      }
      const EndpointId picked = *client.policy->pick(now, {});
      client.made.loads.begin(picked);
      const std::uint32_t level = servers[picked.value()].begin();
      Instant& free = free_at[picked.value()];
      const double slowness = picked.value() % 2 == 0 ? 1 : 2;
      free = std::max(free, now) +
             Duration{static_cast<std::int64_t>(random_.exponential() * slowness * 1e6)};
      under_way.push({free, request, number, picked, now, level});
    }
  }

  RandomStream random_;
  std::vector<Duration> latencies_;
};

TEST(Prequal, KeepsTheTailShortWhereClientsSeeOnlyTheirOwnRequests) {
  const double random = Service{1}.p99<RandomChoice>(RandomChoiceSpec{});
  const double least = Service{1}.p99<PowerOfChoices>(PowerOfChoicesSpec{});
  const double prequal = Service{1}.p99<Prequal>(PrequalSpec{});
  RecordProperty("p99_random", std::to_string(random));
  RecordProperty("p99_power_of_choices", std::to_string(least));
  RecordProperty("p99_prequal", std::to_string(prequal));
  EXPECT_LT(prequal, least / 2);
  EXPECT_LT(least, random);
}

}  // namespace
}  // namespace windtunnel::balance
