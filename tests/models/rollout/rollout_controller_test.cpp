// Rollouts through a whole control plane: three nodes with controllers, of which some are always
// being lost, paused or cut off, and a proxy that reports what the split in the store would give.
#include "models/rollout/rollout_controller.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/config/document.hpp"
#include "models/rollout/begin_rollout.hpp"
#include "models/rollout/rollout_document.hpp"
#include "runtime/codec.hpp"
#include "tests/models/rollout/made_traffic.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::rollout {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kProxy = kNodes;
constexpr PartsPerBillion kPercent = proxy::kWholeInParts / 100;

struct ControlPlaneNode final : Program {
  ControlPlaneNode(Host& host, const kv::NodeOptions& options, RolloutControllerOptions rollouts)
      : node(host, options), controller(host, node, std::move(rollouts)) {}
  kv::Node node;
  RolloutController controller;
};

/// Shares that tell which step a split belongs to.
RolloutSpec thirty_steps() {
  RolloutSpec spec;
  spec.service = "shop";
  spec.analysis.minimum = 0;
  for (std::uint32_t percent = 3; percent <= 90; percent += 3) {
    spec.steps.push_back({StepKind::weight, percent * kPercent, {}});
    spec.steps.push_back({StepKind::pause, 0, 150ms});
  }
  return spec;
}

/// What the replicated log says, as one node applied it.
struct Seen {
  std::vector<RolloutState> states;
  std::vector<PartsPerBillion> weights;    ///< Of splits, each time one was written.
  std::vector<std::size_t> states_before;  ///< How many states were there then.
};

struct RolloutWorld {
  RolloutWorld(std::uint64_t seed, Traffic kind)
      : world({.hosts = kNodes + 1, .world = {.seed = seed}}),
        traffic(kind),
        random{seed, "rollout_world"} {
    kv::NodeOptions options;
    options.raft.voters = nodes;
    options.raft.tick = 20ms;
    const RolloutControllerOptions rollouts{.nodes = nodes, .tick = 20ms, .save_every = 100ms};
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world.host(i).install([this, options, rollouts, i](Host& host) {
        auto program = std::make_unique<ControlPlaneNode>(host, options, rollouts);
        seen[i] = {};
        program->node.observe([this, i, &node = program->node](const kv::Event& event) {
          if (note(seen[i], event) && node.is_leader()) {
            disturb_soon(i);
          }
        });
        return program;
      });
      world.host(i).start();
    }
    world.start(kProxy, [this](Host& host, Bundle&) {
      spawn(host, begin(host));
      spawn(host, report(host));
    });
  }

  /// Whether a rollout was decided on.
  static bool note(Seen& seen, const kv::Event& event) {
    if (event.key() == rollout_key_of("shop")) {
      seen.states.push_back(rollout_of(event.now.shared_value())->state);
      const std::size_t count = seen.states.size();
      return count == 1 || seen.states[count - 2].weight != seen.states[count - 1].weight;
    }
    if (event.key() == config::key_of(proxy::split_document_name("shop"))) {
      const auto split = decoded<proxy::TrafficSplit>(event.now.value);
      seen.weights.push_back(proxy::share_of(*split, 2));
      seen.states_before.push_back(seen.states.size());
    }
    return false;
  }

  asio::awaitable<void> begin(Host& host) {
    co_await sleep_for(host, 3s);
    kv::ClientOptions options;
    options.nodes = nodes;
    kv::Client client{host, options};
    co_await begin_rollout(host, client, thirty_steps());
  }

  /// Sends what a proxy would, that follows the split as far as the first node knows it.
  asio::awaitable<void> report(Host& host) {
    for (;;) {
      co_await sleep_for(host, 50ms);
      const PartsPerBillion weight = seen[0].weights.empty() ? 0 : seen[0].weights.back();
      const proxy::VersionReport counted = report_of(traffic, 0, weight, random);
      for (const HostId node : nodes) {
        host.messages().send(node, counted);
      }
    }
  }

  /// At this time of the world, also from within another such action.
  void later(Duration at, std::function<void()> action) {
    actions.push_back(std::move(action));
    world->scheduler().schedule(TrueInstant{at}, [this, i = actions.size() - 1] { actions[i](); });
  }

  /// When the leader has just taken a decision: between that and what follows from it.
  void disturb_soon(std::uint32_t leader) {
    if (world.now() < disturbed_until && random.below(3) == 0) {
      const Duration lasts = random.uniform(100ms, 1500ms);
      const std::uint64_t how = random.below(3);
      later(world.now() + random.uniform(0ms, 6ms),
            [this, leader, how, lasts] { disturb(leader, how, lasts); });
    }
  }

  void crash_the_leader_around(Duration at) {
    later(at + random.uniform(0ms, 10ms), [this] {
      for (std::uint32_t i = 0; i < kNodes; ++i) {
        const auto* const program = dynamic_cast<ControlPlaneNode*>(world.host(i).program());
        if (program != nullptr && program->node.is_leader()) {
          disturb(i, 0, random.uniform(100ms, 1500ms));
        }
      }
    });
  }

  /// A node is lost, stands still, or is cut off from the other two; one at a time.
  void disturb(std::uint32_t victim, std::uint64_t how, Duration lasts) {
    if (is_disturbed) {
      return;
    }
    is_disturbed = true;
    sim::SimulatedHost& host = world.host(victim);
    std::optional<sim::ConditionId> cut;
    if (how == 0) {
      host.crash();
    } else if (how == 1) {
      host.pause();
    } else {
      std::vector<HostId> others = nodes;
      std::erase(others, HostId{victim});
      sim::Condition condition;
      condition.purpose = "cut";
      condition.from = world.set({HostId{victim}});
      condition.to = world.set(others);
      condition.effect = sim::Block{};
      cut = world->network().impose(std::move(condition));
    }
    later(world.now() + lasts, [this, victim, how, cut] {
      is_disturbed = false;
      if (how == 0) {
        world.host(victim).start();
      } else if (how == 1) {
        world.host(victim).resume();
      } else {
        world->network().lift(*cut);
      }
    });
  }

  SmallWorld world;
  Traffic traffic;
  RandomStream random;
  Duration disturbed_until{};
  std::deque<std::function<void()>> actions;
  bool is_disturbed = false;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};
  Seen seen[kNodes];
};

/// That the log tells of one rollout, though several controllers may have taken part in it.
void expect_one_rollout(const Seen& seen) {
  for (std::size_t i = 1; i < seen.states.size(); ++i) {
    const RolloutState& before = seen.states[i - 1];
    const RolloutState& now = seen.states[i];
    EXPECT_LE(before.step, now.step) << "state " << i;
    EXPECT_TRUE(before.phase == Phase::progressing || now.phase == before.phase) << "state " << i;
    EXPECT_LE(before.errors.canary.attempts, now.errors.canary.attempts) << "state " << i;
  }
  std::size_t latest = 0;
  for (std::size_t i = 0; i < seen.weights.size(); ++i) {
    // The split belongs to a state that was written before it, and to none before that of the last.
    std::size_t state = latest;
    while (state < seen.states_before[i] && seen.states[state].weight != seen.weights[i]) {
      ++state;
    }
    ASSERT_LT(state, seen.states_before[i]) << "split " << i << " of " << seen.weights[i];
    latest = state;
  }
}

class RolloutBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RolloutBySeed, testing::Range<std::uint64_t>(1, 201));

TEST_P(RolloutBySeed, IsCarriedOutOnceWhateverBecomesOfItsControllers) {
  const bool is_bad = GetParam() % 2 == 0;
  RolloutWorld rollout{GetParam(), {.attempts = 20, .canary_errors = is_bad ? 0.05 : 0.001}};
  rollout.disturbed_until = 40s;
  rollout.crash_the_leader_around(3s);
  rollout.world.run_for(60s);
  for (const Seen& seen : rollout.seen) {
    expect_one_rollout(seen);
    ASSERT_FALSE(seen.states.empty());
    ASSERT_FALSE(seen.weights.empty());
    EXPECT_EQ(seen.states.back(), rollout.seen[0].states.back());
    EXPECT_EQ(seen.weights.back(), seen.states.back().weight);
    EXPECT_NE(seen.states.back().phase, Phase::progressing);
    if (is_bad) {
      EXPECT_EQ(seen.states.back().phase, Phase::aborted);
    }
  }
}

TEST(RolloutController, PromotesAGoodVersionStepByStepWhenNothingBreaks) {
  RolloutWorld rollout{1, {.attempts = 20}};
  rollout.world.run_for(20s);
  const Seen& seen = rollout.seen[0];
  expect_one_rollout(seen);
  EXPECT_EQ(seen.states.back().phase, Phase::promoted);
  EXPECT_EQ(seen.weights.size(), 32U);  // None to begin with, thirty steps, and everything.
}

}  // namespace
}  // namespace windtunnel::rollout
