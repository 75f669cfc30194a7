// Make before break through a whole control plane: routes move between clusters that come and go,
// and requests ask every proxy all the time where its routes lead.
#include <map>
#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "models/config/config_client.hpp"
#include "models/config/config_publisher.hpp"
#include "models/config/config_subscriber.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::config {
namespace {

using namespace std::chrono_literals;
using sim::Bundle;
using sim::SmallWorld;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kProxies = 6;
constexpr std::uint32_t kWriter = kNodes + kProxies;

struct Node final : Program {
  Node(Host& host, const kv::NodeOptions& options, PushMode mode)
      : node(host, options), publisher(host, node, {.push = {}, .mode = mode}) {}
  kv::Node node;
  ConfigPublisher publisher;
};

/// A proxy that needs time for every document, and what it did with requests meanwhile.
struct Proxy {
  ConfigSubscriber* subscriber = nullptr;
  std::uint64_t requests = 0;
  std::uint64_t blackholed = 0;

  void ask() {
    for (const auto& [name, document] : subscriber->documents()) {
      if (name.starts_with("routes/")) {
        ++requests;
        const std::string cluster = "clusters/" + std::string{document.content.view()};
        blackholed += subscriber->documents().contains(cluster) ? 0U : 1U;
      }
    }
  }
};

struct MovingWorld {
  MovingWorld(std::uint64_t seed, PushMode mode)
      : world({.hosts = kNodes + kProxies + 1, .world = {.seed = seed}}), proxies(kProxies) {
    kv::NodeOptions options;
    options.raft.voters = nodes;
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      world.host(i).install(
          [options, mode](Host& host) { return std::make_unique<Node>(host, options, mode); });
      world.host(i).start();
    }
    for (std::uint32_t i = 0; i < kProxies; ++i) {
      world.start(kNodes + i, [this, i](Host& host, Bundle& bundle) { run(host, bundle, i); });
    }
    world.start(kWriter, [](Host&, Bundle&) {});
    spawn(world.host(kWriter), move_routes(world.host(kWriter)));
  }

  void run(Host& host, Bundle& bundle, std::uint32_t i) {
    ConfigSubscriberOptions options;
    options.nodes = nodes;
    options.referred_to = Interest::in({"clusters/"});
    if (i % 2 == 1) {
      options.interest = Interest::in({"clusters/", "routes/0", "routes/1"});
    }
    ConfigSubscriber::Hooks hooks;
    hooks.check = [](const Update&) { return std::optional<std::string>{}; };
    hooks.prepare = [&host](const Update& step) -> asio::awaitable<void> {
      const std::size_t documents = step.written.size() + step.removed.size();
      co_await sleep_for(host, 15ms * static_cast<std::int64_t>(documents));
    };
    hooks.apply = [](const Update&) {};
    auto subscriber = std::make_shared<ConfigSubscriber>(host, options, std::move(hooks));
    proxies[i].subscriber = subscriber.get();
    bundle.kept = {subscriber};
    spawn(host, ask(host, i));
  }

  asio::awaitable<void> ask(Host& host, std::uint32_t i) {
    for (;;) {
      co_await sleep_for(host, 1ms);
      proxies[i].ask();
    }
  }

  /// Ten new clusters after each other: each is there before four routes move to it, in any order,
  /// and the one before goes when nobody leads there any more. The pauses are about as long as the
  /// debounce, so that versions hold any part of this and pushes any number of versions.
  asio::awaitable<void> move_routes(Host& host) {
    kv::ClientOptions options;
    options.nodes = nodes;
    options.deadline = 60s;
    kv::Client client{host, options};
    ConfigClient config{host, client};
    RandomStream random = host.random("moves");
    const auto pause = [&] { return random.uniform(1ms, 200ms); };
    for (int cluster = 1; cluster <= 10; ++cluster) {
      static_cast<void>(co_await config.write("clusters/" + std::to_string(cluster),
                                              SharedBytes{"endpoints"}, std::nullopt));
      co_await sleep_for(host, pause());
      for (int route = 0; route < 4; ++route) {
        static_cast<void>(co_await config.write("routes/" + std::to_string((route + cluster) % 4),
                                                SharedBytes{std::to_string(cluster)},
                                                std::nullopt));
        co_await sleep_for(host, pause());
      }
      static_cast<void>(
          co_await config.remove("clusters/" + std::to_string(cluster - 1), std::nullopt));
      co_await sleep_for(host, pause());
    }
  }

  SmallWorld world;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};
  std::vector<Proxy> proxies;
};

TEST(MakeBeforeBreak, BlackholesNoRequestWhateverVersionsAndPushesMakeOfTheMoves) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    MovingWorld moving{seed, seed % 2 == 0 ? PushMode::delta : PushMode::snapshot};
    // A node restarts meanwhile: half of the proxies go on with another one.
    const auto victim = static_cast<std::uint32_t>(seed % kNodes);
    moving.world.at(4s, [&moving, victim] { moving.world.host(victim).crash(); });
    moving.world.at(6s, [&moving, victim] { moving.world.host(victim).start(); });
    moving.world.run_for(40s);
    for (const Proxy& proxy : moving.proxies) {
      EXPECT_GT(proxy.requests, 30'000U) << "seed " << seed;
      EXPECT_EQ(proxy.blackholed, 0U) << "seed " << seed;
      EXPECT_EQ(proxy.subscriber->documents().count("clusters/10"), 1U);
      EXPECT_EQ(proxy.subscriber->documents().count("clusters/9"), 0U);
    }
  }
}

}  // namespace
}  // namespace windtunnel::config
