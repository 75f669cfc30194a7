// Three replicas in three regions with a client each, of which some are always being crashed,
// robbed of power, paused or cut off; then peace. What the operations come to is computed from what
// was stated when they were accepted.
#include "models/replica/node.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "models/replica/facts.hpp"
#include "models/replica/workload.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::replica {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kReplicas = 3;

struct ReplicaProgram final : Program {
  ReplicaProgram(Host& host, const NodeOptions& options) : node(host, options) {}
  Node node;
};

sim::SmallWorldOptions world_options(std::uint64_t seed) {
  sim::SmallWorldOptions options;
  options.hosts = 2 * kReplicas;
  options.zones = {0, 1, 2, 0, 1, 2};
  options.zone_regions = {"r1", "r2", "r3"};
  options.world.seed = seed;
  options.host.disk.sync = Constant{2ms};
  return options;
}

/// Neighbours with slow disks: a message is there long before what it rests on is durable.
sim::SmallWorldOptions slow_disks(std::uint64_t seed) {
  sim::SmallWorldOptions options = world_options(seed);
  options.zones = {};
  options.host.disk.sync = Constant{20ms};
  return options;
}

struct ReplicaWorld {
  explicit ReplicaWorld(std::uint64_t seed, NodeOptions node_options = {}, double rate = 60)
      : ReplicaWorld(world_options(seed), std::move(node_options), rate) {}
  ReplicaWorld(const sim::SmallWorldOptions& options, NodeOptions node_options, double rate)
      : world(options), random(options.world.seed, "replica_world"), node(std::move(node_options)) {
    for (std::uint32_t i = 0; i < kReplicas; ++i) {
      node.replicas.push_back(HostId{i});
    }
    world->facts().observe([this](const sim::FreshFact& fact) { note(fact); });
    for (std::uint32_t i = 0; i < kReplicas; ++i) {
      world.host(i).install(
          [this](Host& host) { return std::make_unique<ReplicaProgram>(host, node); });
      world.host(i).start();
      world.start(kReplicas + i, [i, rate](Host& host, Bundle& bundle) {
        WorkloadOptions load;
        load.replica = HostId{i};
        load.rate_per_second = rate;
        load.keys = 12;
        load.lasts = 20s;
        bundle.kept.push_back(std::make_shared<Workload>(host, load));
      });
    }
  }

  void note(const sim::FreshFact& fact) {
    if (fact.is<OperationAccepted>()) {
      const auto& one = fact.as<OperationAccepted>();
      const auto [known, is_new] = accepted.emplace(one.dot, one);
      // After a restart they are stated again.
      is_a_dot_used_twice = is_a_dot_used_twice || known->second.key != one.key ||
                            known->second.kind != one.kind || known->second.time != one.time;
    } else if (fact.is<CallEnded>() && fact.as<CallEnded>().is_answered) {
      answered += 1;
      // What was read counts, too: it must not be lost.
      if (const auto& dot = fact.as<CallEnded>().dot) {
        told.insert(*dot);
      }
    } else if (fact.is<RepairEnded>()) {
      repairs += fact.as<RepairEnded>().is_complete ? 1U : 0U;
    } else if (fact.is<HintsDropped>()) {
      dropped += fact.as<HintsDropped>().count;
    }
  }

  void disturb_at(Duration at) {
    world.at(at, [this] { disturb(static_cast<std::uint32_t>(random.below(kReplicas))); });
  }

  void disturb(std::uint32_t victim) {
    if (!busy.insert(victim).second) {
      return;
    }
    sim::SimulatedHost& host = world.host(victim);
    const std::uint64_t how = random.below(4);
    std::optional<sim::ConditionId> cut;
    switch (how) {
      case 0:
        host.crash();
        break;
      case 1:
        host.lose_power();
        break;
      case 2:
        host.pause();
        break;
      default:
        cut = cut_off(victim);
    }
    world.at(world.now() + random.uniform(100ms, 3s), [this, victim, how, cut] {
      busy.erase(victim);
      if (how < 2) {
        world.host(victim).start();
      } else if (how == 2) {
        world.host(victim).resume();
      } else {
        world->network().lift(*cut);
      }
    });
  }

  void lose_power() {
    const auto victim = static_cast<std::uint32_t>(random.below(kReplicas));
    if (world.host(victim).is_running()) {
      world.host(victim).lose_power();
      world.at(world.now() + 200ms, [this, victim] { world.host(victim).start(); });
    }
  }

  sim::ConditionId cut_off(std::uint32_t victim) {
    std::vector<HostId> others;
    for (std::uint32_t i = 0; i < kReplicas; ++i) {
      if (i != victim) {
        others.push_back(HostId{i});
      }
    }
    sim::Condition condition;
    condition.purpose = "cut";
    condition.from = world.set({HostId{victim}});
    condition.to = world.set(others);
    condition.effect = sim::Block{};
    return world->network().impose(std::move(condition));
  }

  const Replica& replica(std::uint32_t i) {
    return dynamic_cast<ReplicaProgram&>(*world.host(i).program()).node.replica();
  }

  [[nodiscard]] std::map<std::string, Dot> expected_registers() const {
    std::map<std::string, const OperationAccepted*> last;
    for (const auto& [dot, one] : accepted) {
      if (is_of_map(one.kind)) {
        const OperationAccepted*& best = last[one.key];
        if (best == nullptr ||
            std::tie(one.time, one.dot.replica) > std::tie(best->time, best->dot.replica)) {
          best = &one;
        }
      }
    }
    std::map<std::string, Dot> registers;
    for (const auto& [key, one] : last) {
      if (one->kind == OperationKind::put) {
        registers.emplace(key, one->dot);
      }
    }
    return registers;
  }

  [[nodiscard]] std::set<std::string> expected_elements() const {
    std::set<Dot> replaced;
    std::set<std::string> elements;
    for (const auto& [dot, one] : accepted) {
      if (!is_of_map(one.kind)) {
        replaced.insert(one.replaced.begin(), one.replaced.end());
      }
    }
    for (const auto& [dot, one] : accepted) {
      if (one.kind == OperationKind::add && !replaced.contains(dot)) {
        elements.insert(one.key);
      }
    }
    return elements;
  }

  void expect_what_the_operations_come_to() {
    EXPECT_FALSE(is_a_dot_used_twice);
    for (const Dot& dot : told) {
      EXPECT_TRUE(accepted.contains(dot));
    }
    CausalContext everything;
    for (const auto& [dot, one] : accepted) {
      everything.add(dot);
    }
    for (std::uint32_t i = 0; i < kReplicas; ++i) {
      std::map<std::string, Dot> registers;
      for (const auto& [key, write] : replica(i).map().entries()) {
        registers.emplace(key, write.dot);
      }
      std::set<std::string> elements;
      for (const auto& [name, additions] : replica(i).set().elements()) {
        elements.insert(name);
      }
      // Tombstones are among the registers where they were not forgotten.
      EXPECT_EQ(registers, expected_registers()) << "replica " << i;
      EXPECT_EQ(elements, expected_elements()) << "replica " << i;
      EXPECT_EQ(replica(i).seen(), everything) << "replica " << i;
    }
  }

  SmallWorld world;
  RandomStream random;
  NodeOptions node;
  std::map<Dot, OperationAccepted> accepted;
  std::set<Dot> told;
  std::set<std::uint32_t> busy;
  std::uint64_t answered = 0;
  std::uint64_t repairs = 0;
  std::uint64_t dropped = 0;
  bool is_a_dot_used_twice = false;
};

class ReplicaBySeed : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ReplicaBySeed, HoldsWhatWasAcceptedWhateverHappensToTheOthers) {
  NodeOptions options;
  options.repair_every = 1s;
  options.hints_max = 60;
  ReplicaWorld replicas{GetParam(), options};
  for (Duration at = 500ms; at < 20s; at += 400ms) {
    replicas.disturb_at(at);
  }
  replicas.world.run_for(40s);
  replicas.expect_what_the_operations_come_to();
  EXPECT_GT(replicas.answered, 1000U);
  EXPECT_GT(replicas.repairs, 10U);
  EXPECT_GT(replicas.dropped, 0U);
}

TEST_P(ReplicaBySeed, NeverUsesANumberTwiceThoughPowerIsLostWhileADiskIsAtWork) {
  NodeOptions options;
  options.repair_every = 1s;
  ReplicaWorld replicas{slow_disks(GetParam()), options, 30};
  for (Duration at = 500ms; at < 20s; at += 300ms) {
    replicas.world.at(at, [&] { replicas.lose_power(); });
  }
  replicas.world.run_for(40s);
  replicas.expect_what_the_operations_come_to();
  EXPECT_GT(replicas.answered, 500U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReplicaBySeed, testing::Range<std::uint64_t>(1, 41));

TEST(ReplicaNode, AnswersOnBothSidesOfAPartitionAndAgreesAfterwards) {
  ReplicaWorld replicas{1};
  std::optional<sim::ConditionId> cut;
  replicas.world.at(2s, [&] { cut = replicas.cut_off(0); });
  replicas.world.at(20s, [&] { replicas.world->network().lift(*cut); });
  replicas.world.run_for(20s);
  const std::uint64_t during = replicas.answered;
  // 60 a second at each, of which none was refused.
  EXPECT_GT(during, 3 * 60 * 19U);
  EXPECT_NE(replicas.replica(0).seen(), replicas.replica(1).seen());
  replicas.world.run_for(20s);
  replicas.expect_what_the_operations_come_to();
}

TEST(ReplicaNode, TellsItsPeersWithinOneAndAHalfRoundTrips) {
  ReplicaWorld replicas{1, {}, 0.001};
  replicas.world.run_for(5s);
  replicas.world.host(3).messages().async_call<WriteResponse>(
      HostId{0}, WriteRequest{OperationKind::put, "k", "v"}, 1s,
      [](error_code error, const WriteResponse&) { EXPECT_FALSE(error); });
  replicas.world.run_for(200ms);
  EXPECT_NE(replicas.replica(1).map().find("k"), nullptr);
  EXPECT_NE(replicas.replica(2).map().find("k"), nullptr);
}

// Nothing but the clock is wrong: its operations are not taken until the others' clocks are where
// it was.
TEST(ReplicaNode, KeepsOutAHostWhoseClockIsTooFarAhead) {
  ReplicaWorld replicas{1, {}, 0.001};
  replicas.world.host(0).step_wall_clock(10s);
  replicas.world.run_for(1s);
  replicas.world.host(3).messages().async_call<WriteResponse>(
      HostId{0}, WriteRequest{OperationKind::put, "k", "v"}, 1s,
      [](error_code error, const WriteResponse&) { EXPECT_FALSE(error); });
  replicas.world.run_for(8s);
  EXPECT_EQ(replicas.replica(1).map().find("k"), nullptr);
  replicas.world.run_for(4s);
  EXPECT_NE(replicas.replica(1).map().find("k"), nullptr);
}

}  // namespace
}  // namespace windtunnel::replica
