// This program replaces the global operator new to count: in steady state a world does not allocate
// for small messages or for a coroutine's timers.
#include <gtest/gtest.h>

#include "tests/sim/counted_allocations.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

/// What `world` allocates in a second of its time, warmed up. The digest's checkpoints grow for as
/// long as a world runs, by design: they are allowed their doublings.
std::uint64_t allocations_in_steady_state(SmallWorld& world) {
  world.run_for(3s);
  const std::uint64_t before = counted_allocations();
  world.run_for(2s);
  return counted_allocations() - before;
}

constexpr std::uint64_t kCheckpointDoublings = 1;

Setup echoing(Delivery delivery) {
  return [delivery](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(
        host.messages().on<Note>([&host, delivery](HostId from, Note& note) {
          host.messages().send(from, Note{note.number + 1}, delivery);
        }));
  };
}

TEST(WorldAllocation, IsNoneForMessagesThatGoBackAndForth) {
  for (const Delivery delivery : {Delivery::stream, Delivery::datagram}) {
    SmallWorld world{{.zone_link = {.latency = Uniform{10us, 90us}}}};
    world.start(0, echoing(delivery));
    world.start(1, echoing(delivery));
    for (std::uint64_t i = 0; i < 10; ++i) {
      world.send(0, 1, i, delivery);
    }
    EXPECT_LE(allocations_in_steady_state(world), kCheckpointDoublings);
    EXPECT_GT(world->network().counters().delivered, 100'000U);
  }
}

asio::awaitable<void> tick(Host& host, std::uint64_t& ticks) {
  Timer timer{host};
  for (;;) {
    timer.expires_after(20us);
    co_await timer.async_wait(asio::deferred);
    ++ticks;
  }
}

TEST(WorldAllocation, IsNoneForCoroutinesThatWaitForTimers) {
  SmallWorld world;
  std::uint64_t ticks = 0;
  world.start(0, [&](Host& host, Bundle&) { spawn(host, tick(host, ticks)); });
  EXPECT_LE(allocations_in_steady_state(world), kCheckpointDoublings);
  EXPECT_EQ(ticks, 250'000U);
}

TEST(WorldAllocation, IsNoneForADeadlinePushedBackByEveryMessage) {
  SmallWorld world{{.zone_link = {.latency = Constant{10us}}}};
  world.start(0, echoing(Delivery::stream));
  world.start(1, [](Host& host, Bundle& bundle) {
    auto timeout = std::make_shared<Timeout>(host, [] {});
    bundle.subscriptions.push_back(
        host.messages().on<Note>([&host, raw = timeout.get()](HostId from, Note& note) {
          raw->expires_after(1s);
          host.messages().send(from, Note{note.number + 1});
        }));
    bundle.kept.push_back(timeout);
  });
  world.send(0, 1, 1);
  EXPECT_LE(allocations_in_steady_state(world), kCheckpointDoublings);
}

}  // namespace
}  // namespace windtunnel::sim
