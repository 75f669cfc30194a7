#include "sim/world.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

asio::awaitable<void> chatter(Host& host, std::uint32_t hosts) {
  RandomStream random = host.random("chatter");
  Timer timer{host};
  for (std::uint64_t i = 0;; ++i) {
    timer.expires_after(random.uniform(1ms, 20ms));
    co_await timer.async_wait(asio::deferred);
    const HostId to{static_cast<std::uint32_t>(random.below(hosts))};
    host.messages().send(to, Note{i}, i % 2 == 0 ? Delivery::stream : Delivery::datagram);
    co_await host.disk().async_append("log", SharedBytes{std::to_string(i)}, asio::deferred);
    host.journal().record(Note{i});
  }
}

/// A world with everything in it: jitter, loss, facts, disks, conditions, crashes and pauses.
/// With hints about memory, if so told.
enum class Hints : std::uint8_t { none, given };

std::string digest_of_busy_world(std::uint64_t seed, Hints hints = Hints::none) {
  constexpr std::uint32_t kHosts = 6;
  SmallWorld world{
      {.hosts = kHosts,
       .zones = {0, 0, 1, 1, 2, 2},
       .zone_link = {.latency = Lognormal{1ms, 5ms}, .loss = Probability::of_ratio(0.01)},
       .region_link = {.latency = Exponential{3ms}},
       .world = {.seed = seed}}};
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    world.start(i, [hints](Host& host, Bundle& bundle) {
      if (hints == Hints::given) {
        const auto timeout = std::make_shared<Timeout>(host, [] {});
        host.note_working_set({timeout.get(), sizeof(Timeout), timeout->alarm()});
        bundle.kept.push_back(timeout);
        host.expect_transmission(HostId{0});
      }
      bundle.subscriptions.push_back(host.messages().on<Note>([](HostId, Note&) {}));
      spawn(host, chatter(host, kHosts));
    });
  }
  (void)world.impose(0, 1, AddedDelay{Uniform{1ms, 9ms}}, "delay");
  (void)world.impose(2, 3, AddedLoss{Probability::of_ratio(0.3)}, "loss");
  world.at(200ms, [&] { world.host(1).crash(); });
  world.at(300ms, [&] { world.host(1).start(); });
  world.at(400ms, [&] { world.host(2).pause(); });
  world.at(500ms, [&] { world.host(2).resume(); });
  world.at(600ms, [&] { world.host(3).lose_power(); });
  world.at(700ms, [&] { world.host(3).start(); });
  world.run_for(2s);
  return world->digest().hex();
}

TEST(World, GivesTheSameDigestForTheSameSeedOnly) {
  EXPECT_EQ(digest_of_busy_world(1), digest_of_busy_world(1));
  EXPECT_NE(digest_of_busy_world(1), digest_of_busy_world(2));
}

TEST(World, IsTheSameWithHintsAboutMemory) {
  EXPECT_EQ(digest_of_busy_world(1), digest_of_busy_world(1, Hints::given));
}

TEST(World, RunsBesideOthersOnThreadsAsItRunsAlone) {
  constexpr std::uint64_t kWorlds = 4;
  std::vector<std::string> beside(kWorlds);
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 0; seed < kWorlds; ++seed) {
    threads.emplace_back([&beside, seed] { beside[seed] = digest_of_busy_world(seed); });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  for (std::uint64_t seed = 0; seed < kWorlds; ++seed) {
    EXPECT_EQ(beside[seed], digest_of_busy_world(seed)) << "seed " << seed;
  }
}

TEST(World, NamesTheHostThatSpinsAtOneInstant) {
  SmallWorld world{{.world = {.scheduler = {.events_per_instant_max = 1000}}}};
  world.start(0);
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().on<Note>([&host](HostId, Note&) {
      spawn(host, [](Host& at) -> asio::awaitable<void> {
        for (;;) {
          co_await sleep_for(at, 0s);
        }
      }(host));
    }));
  });
  world.send(0, 1, 1);
  try {
    world.run_for(1s);
    FAIL() << "nothing noticed the livelock";
  } catch (const Livelock& livelock) {
    EXPECT_EQ(livelock.at(), TrueInstant{1ms});
    EXPECT_EQ(livelock.hosts().back(), 1U);
  }
}

TEST(World, EndsItsRunWithWhatACoroutineThrows) {
  SmallWorld world;
  world.start(0, [](Host& host, Bundle&) {
    spawn(host, [](Host& at) -> asio::awaitable<void> {
      co_await sleep_for(at, 5ms);
      check(false, "a mistake");
    }(host));
  });
  EXPECT_THROW(world.run_for(1s), ProgrammingError);
  EXPECT_EQ(world.now(), 5ms);
}

TEST(World, IsDestroyedCleanlyInTheMiddleOfEverything) {
  for (std::uint64_t span = 0; span < 50; ++span) {
    SmallWorld world{{.host = {.message_cost = 1ms}}};
    world.start(1, answering());
    world.start(0, [](Host& host, Bundle&) {
      spawn(host, chatter(host, 2));
      spawn(host, [](Host& at) -> asio::awaitable<void> {
        for (;;) {
          (void)co_await at.messages().async_call<Answer>(HostId{1}, Ask{1}, 1s, asio::deferred);
        }
      }(host));
    });
    if (span % 2 == 1) {
      world.host(1).pause();
    }
    world.run_for(span * 100us);
  }
}

TEST(World, KeepsWallClocksFromItsEpoch) {
  SmallWorld world{
      {.world = {.wall_epoch = WallInstant{1000s}}, .host = {.clock = {.wall_offset = 5s}}}};
  world.run_for(2s);
  EXPECT_EQ(world.host(0).wall_now(), WallInstant{1007s});
}

}  // namespace
}  // namespace windtunnel::sim
