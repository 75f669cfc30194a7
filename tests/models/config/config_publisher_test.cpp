// Configuration through a whole control plane: three nodes with publishers, and hosts that follow.
#include "models/config/config_publisher.hpp"

#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "models/config/config_client.hpp"
#include "models/config/config_subscriber.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::config {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kSubscribers = 12;
constexpr std::uint32_t kWriter = kNodes + kSubscribers;

struct ControlPlaneNode final : Program {
  ControlPlaneNode(Host& host, const kv::NodeOptions& node_options,
                   const ConfigPublisherOptions& options)
      : node(host, node_options), publisher(host, node, options) {}
  kv::Node node;
  ConfigPublisher publisher;
};

struct Receiver {
  ConfigSubscriber* subscriber = nullptr;
  std::uint64_t seen = 0;
  bool went_back = false;
  bool refuses = false;
};

/// A third wants everything, a third five of the ten routes, a third what there never is and one
/// whole folder.
Interest interest_of(std::uint32_t subscriber) {
  if (subscriber % 3 == 0) {
    return {};
  }
  return subscriber % 3 == 1
             ? Interest::in({"routes/0", "routes/1", "routes/2", "routes/3", "routes/4"})
             : Interest::in({"route", "routes/9/", "limits/"});
}

struct ConfigWorld {
  explicit ConfigWorld(std::uint64_t seed, PushMode mode = PushMode::delta)
      : world({.hosts = kNodes + kSubscribers + 1, .world = {.seed = seed}}) {
    kv::NodeOptions node_options;
    node_options.raft.voters = nodes;
    ConfigPublisherOptions options;
    options.push.concurrency_max = 4;
    options.push.acknowledge_within = 1s;
    options.mode = mode;
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world.host(i).install([node_options, options](Host& host) {
        return std::make_unique<ControlPlaneNode>(host, node_options, options);
      });
      world.host(i).start();
    }
    for (std::uint32_t i = 0; i < kSubscribers; ++i) {
      receivers.emplace_back();
    }
    for (std::uint32_t i = 0; i < kSubscribers; ++i) {
      world.start(kNodes + i, [this, i](Host& host, Bundle& bundle) { receive(host, bundle, i); });
    }
    world.start(kWriter, [](Host&, Bundle&) {});
  }

  void receive(Host& host, Bundle& bundle, std::uint32_t i) {
    ConfigSubscriberOptions options;
    options.nodes = nodes;
    options.renew_every = 1s;
    options.interest = interest_of(i);
    ConfigSubscriber::Hooks hooks;
    hooks.check = [this, i](const Update&) {
      return receivers[i].refuses ? std::optional<std::string>{"too large"} : std::nullopt;
    };
    hooks.prepare = [&host](const Update&) -> asio::awaitable<void> {
      co_await sleep_for(host, 20ms);
    };
    hooks.apply = [this, i](const Update& step) {
      Receiver& receiver = receivers[i];
      receiver.went_back = receiver.went_back || step.to < receiver.seen;
      receiver.seen = step.to;
    };
    auto subscriber = std::make_shared<ConfigSubscriber>(host, options, std::move(hooks));
    receivers[i].subscriber = subscriber.get();
    bundle.kept = {subscriber};
  }

  /// Writes documents at random moments until `until`; some are removed again.
  asio::awaitable<void> write(Host& host, Duration until) {
    kv::ClientOptions options;
    options.nodes = nodes;
    kv::Client client{host, options};
    ConfigClient config{host, client};
    RandomStream random = host.random("documents");
    for (std::uint64_t number = 0; world.now() < until; ++number) {
      co_await sleep_for(host, random.uniform(10ms, 600ms));
      const char* const folder = random.below(3) == 0 ? "limits/" : "routes/";
      std::string name = folder + std::to_string(random.below(10));
      SharedBytes content{"policy " + std::to_string(number)};
      if (random.below(5) == 0) {
        static_cast<void>(co_await config.remove(std::move(name), std::nullopt));
      } else {
        static_cast<void>(co_await config.write(std::move(name), std::move(content), std::nullopt));
      }
    }
  }

  asio::awaitable<void> write_once(Host& host, std::string name) {
    kv::ClientOptions options;
    options.nodes = nodes;
    kv::Client client{host, options};
    ConfigClient config{host, client};
    static_cast<void>(co_await config.write(std::move(name), SharedBytes{"policy"}, std::nullopt));
  }

  /// What the node sends to its subscribers arrives late; they reach it all the time.
  void cut_from_subscribers(std::uint32_t node, Duration from, Duration to) {
    auto condition = std::make_shared<sim::ConditionId>();
    world.at(from, [this, node, condition] {
      std::vector<HostId> subscribers;
      for (std::uint32_t i = 0; i < kSubscribers; ++i) {
        subscribers.emplace_back(kNodes + i);
      }
      sim::Condition cut;
      cut.purpose = "cut";
      cut.from = world.set({HostId{node}});
      cut.to = world.set(subscribers);
      cut.effect = sim::Block{};
      *condition = world->network().impose(std::move(cut));
    });
    world.at(to, [this, condition] { world->network().lift(*condition); });
  }

  const ConfigPublisher& publisher(std::uint32_t node) {
    return dynamic_cast<ControlPlaneNode*>(world.host(node).program())->publisher;
  }
  const kv::Store& store(std::uint32_t node) {
    return dynamic_cast<ControlPlaneNode*>(world.host(node).program())->node.store();
  }
  /// Whether it holds what it wants as the store has it, and nothing else.
  bool is_converged(const Receiver& receiver) {
    kv::ScanRequest all;
    all.prefix = std::string{kConfigPrefix};
    kv::ScanResponse stored = store(0).scan(all);
    const Interest interest = interest_of(static_cast<std::uint32_t>(&receiver - receivers.data()));
    std::erase_if(stored.found, [&](const kv::KeyAndValue& entry) {
      return !interest.wants(std::string_view{entry.key}.substr(kConfigPrefix.size()));
    });
    const auto& documents = receiver.subscriber->documents();
    return stored.found.size() == documents.size() &&
           std::equal(stored.found.begin(), stored.found.end(), documents.begin(),
                      [](const kv::KeyAndValue& entry, const auto& document) {
                        return entry.key == key_of(document.first) &&
                               entry.value == document.second.content &&
                               entry.revision == document.second.revision;
                      });
  }

  SmallWorld world;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};
  std::vector<Receiver> receivers;
};

class ConfigBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, ConfigBySeed, testing::Range<std::uint64_t>(1, 21));

TEST_P(ConfigBySeed, EverySubscriberConvergesToTheStoreAndNeverGoesBackThroughLeaderChanges) {
  ConfigWorld config{GetParam(), GetParam() % 3 == 0 ? PushMode::snapshot : PushMode::delta};
  RandomStream random{GetParam(), "config_test"};
  Host& writer = config.world.host(kWriter);
  spawn(writer, config.write(writer, 30s));
  for (Duration at = 3s; at < 28s; at += random.uniform(1s, 5s)) {
    const auto victim = static_cast<std::uint32_t>(random.below(kNodes));
    const Duration end = at + random.uniform(500ms, 3s);
    if (random.below(2) == 0) {
      config.world.at(at, [&config, victim] {
        if (config.world.host(victim).is_running()) {
          config.world.host(victim).crash();
        }
      });
      config.world.at(end, [&config, victim] {
        if (!config.world.host(victim).is_running()) {
          config.world.host(victim).start();
        }
      });
    } else {
      // Its pushes are retransmitted when their receivers have long moved to other nodes.
      config.cut_from_subscribers(victim, at, end);
    }
  }
  config.world.run_for(50s);
  for (const Receiver& receiver : config.receivers) {
    EXPECT_FALSE(receiver.went_back);
    EXPECT_TRUE(config.is_converged(receiver));
    EXPECT_GT(receiver.subscriber->revision(), 0U);
  }
}

TEST(ConfigPublisher, SendsNothingToWhomAChangeDoesNotConcern) {
  ConfigWorld config{4};
  Host& writer = config.world.host(kWriter);
  config.world.run_for(5s);
  spawn(writer, config.write_once(writer, "routes/7"));
  config.world.run_for(5s);
  for (std::uint32_t i = 0; i < kSubscribers; ++i) {
    EXPECT_EQ(config.receivers[i].subscriber->revision() > 0, i % 3 == 0) << i;
    EXPECT_TRUE(config.is_converged(config.receivers[i])) << i;
  }
  std::uint64_t passed_over = 0;
  for (std::uint32_t i = 0; i < kNodes; ++i) {
    passed_over += config.publisher(i).distributor().counters().passed_over;
  }
  EXPECT_EQ(passed_over, kSubscribers - kSubscribers / 3);
}

TEST(ConfigSubscriber, KeepsItsLastGoodVersionWhenItRefusesOneOrTheControlPlaneIsGone) {
  ConfigWorld config{7};
  Host& writer = config.world.host(kWriter);
  spawn(writer, config.write(writer, 10s));
  config.world.run_for(13s);
  Receiver& refusing = config.receivers[0];
  ASSERT_TRUE(config.is_converged(refusing));
  const std::uint64_t good = refusing.subscriber->revision();
  const auto documents = refusing.subscriber->documents();
  refusing.refuses = true;
  spawn(writer, config.write(writer, 15s));
  config.world.run_for(6s);
  EXPECT_EQ(refusing.subscriber->revision(), good);
  EXPECT_TRUE(config.is_converged(config.receivers[1]));
  for (std::uint32_t node = 0; node < kNodes; ++node) {
    config.world.host(node).crash();
  }
  config.world.run_for(60s);
  EXPECT_EQ(refusing.subscriber->documents(), documents);
  EXPECT_GT(config.receivers[1].subscriber->revision(), good);
}

}  // namespace
}  // namespace windtunnel::config
