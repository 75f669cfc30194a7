// The registry through a whole control plane: instances that live, die and lose their leases.
#include "models/registry/registry_client.hpp"

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "models/kv/node.hpp"
#include "models/registry/registry_view.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::registry {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kInstances = 8;
constexpr std::uint32_t kWatcher = kNodes + kInstances;
constexpr Duration kTtl = 6s;

struct RegistryWorld {
  explicit RegistryWorld(std::uint64_t seed)
      : world({.hosts = kNodes + kInstances + 1, .world = {.seed = seed}}) {
    kv::NodeOptions options;
    options.raft.voters = nodes;
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world.host(i).install(
          [options](Host& host) { return std::make_unique<kv::Node>(host, options); });
      world.host(i).start();
    }
    for (std::uint32_t i = 0; i < kInstances; ++i) {
      world.start(kNodes + i, [this](Host& host, Bundle& bundle) { live(host, bundle); });
    }
    world.start(kWatcher, [this](Host& host, Bundle& bundle) { look(host, bundle); });
  }

  std::shared_ptr<kv::Client> client_on(Host& host) {
    kv::ClientOptions options;
    options.nodes = nodes;
    options.deadline = kTtl / 6;
    return std::make_shared<kv::Client>(host, options);
  }
  void live(Host& host, Bundle& bundle) {
    auto client = client_on(host);
    auto registry = std::make_shared<RegistryClient>(host, *client);
    Instance instance;
    instance.service = "checkout";
    instance.id = host.name();
    instance.host = host.id();
    instance.ttl = kTtl;
    registry->enroll(std::move(instance));
    bundle.kept = {client, registry};
  }
  void look(Host& host, Bundle& bundle) {
    auto client = client_on(host);
    auto watches = std::make_shared<kv::WatchClient>(host, kv::WatchClientOptions{.nodes = nodes});
    auto shared = std::make_shared<RegistryView>(
        host, *client, *watches, prefix_of("checkout"), [this](const RegistryView& now) {
          for (auto& [id, gone] : gone_at) {
            if (gone == Duration{} && !now.instances().contains(prefix_of("checkout") + id)) {
              gone = world.now();
            }
          }
        });
    view = shared.get();
    bundle.kept = {client, watches, shared};
  }
  bool sees(std::uint32_t instance) {
    return view->instances().contains(prefix_of("checkout") +
                                      std::string{world.host(kNodes + instance).name()});
  }

  SmallWorld world;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};
  RegistryView* view = nullptr;
  std::map<std::string, Duration> gone_at;  ///< Instances that died, and when that was seen.
};

class RegistryBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RegistryBySeed, testing::Range<std::uint64_t>(1, 21));

TEST_P(RegistryBySeed, TheDeadDisappearWithinTheirBoundAndTheLivingStayThroughLeaderChanges) {
  RegistryWorld registry{GetParam()};
  RandomStream random{GetParam(), "registry_test"};
  registry.world.run_for(6s);
  for (std::uint32_t i = 0; i < kInstances; ++i) {
    ASSERT_TRUE(registry.sees(i));
  }
  // Two die; a node is restarted meanwhile, so that half of the seeds or so change the leader.
  const Duration killed_at = registry.world.now();
  for (std::uint32_t i = 0; i < 2; ++i) {
    registry.gone_at[std::string{registry.world.host(kNodes + i).name()}];
    registry.world.host(kNodes + i).crash();
  }
  const auto victim = static_cast<std::uint32_t>(random.below(kNodes));
  const Duration crash_at = killed_at + random.uniform(0s, 4s);
  registry.world.at(crash_at, [&] { registry.world.host(victim).crash(); });
  registry.world.at(crash_at + 3s, [&] { registry.world.host(victim).start(); });
  for (Duration end = killed_at + 30s; registry.world.now() < end;) {
    registry.world.run_for(50ms);
    for (std::uint32_t i = 2; i < kInstances; ++i) {
      ASSERT_TRUE(registry.sees(i)) << "a living instance disappeared";
    }
  }
  for (const auto& [id, gone] : registry.gone_at) {
    ASSERT_NE(gone, Duration{}) << id << " never disappeared";
    // Its last heartbeat was at most a third of the time old.
    EXPECT_GE(gone, killed_at + kTtl - kTtl / 3 - 1s);
    // An election (two timeouts at most, and a second for a split vote), the full time and the
    // extension, a sweep, and a watcher that has to move to another node.
    EXPECT_LE(gone, crash_at + 3s + kTtl + 1s + 500ms + 4s);
  }
}

TEST(RegistryClient, RegistersAgainWhenItsLeaseWasLostWhileItCouldNotReachTheStore) {
  RegistryWorld registry{3};
  registry.world.run_for(6s);
  ASSERT_TRUE(registry.sees(0));
  sim::Condition cut;
  cut.purpose = "cut";
  cut.from = registry.world.set({HostId{kNodes}});
  cut.to = registry.world.set(registry.nodes);
  cut.reach = sim::Reach::both_ways;
  cut.effect = sim::Block{};
  const sim::ConditionId condition = registry.world->network().impose(std::move(cut));
  registry.world.run_for(10s);
  EXPECT_FALSE(registry.sees(0));
  registry.world->network().lift(condition);
  registry.world.run_for(20s);
  EXPECT_TRUE(registry.sees(0));
}

}  // namespace
}  // namespace windtunnel::registry
