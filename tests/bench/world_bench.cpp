// What a simulated message and a coroutine's timer cost, with everything on that a run has on:
// routes, jitter, conditions, counters and the digest.
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "runtime/timer.hpp"
#include "sim/world.hpp"

namespace windtunnel::sim {
namespace {

using namespace std::chrono_literals;

struct Ping {
  static constexpr std::string_view kWireName = "bench.ping";
  std::uint64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(Ping, (), (number))

constexpr std::uint32_t kHosts = 1000;

Topology three_zones() {
  Topology topology = Topology::of_zones({"z1", "z2", "z3"}, {"r1", "r1", "r1"},
                                         {.zone = {.latency = Uniform{200us, 400us}},
                                          .region = {.latency = Uniform{800us, 1200us}},
                                          .wan = {.latency = Constant{40ms}}});
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    topology.add_host("host" + std::to_string(i), i % 3);
  }
  return topology;
}

/// Sends back every ping that it receives, for ever.
class Echo final : public Program {
 public:
  Echo(Host& host, Delivery delivery)
      : subscription_(host.messages().on<Ping>([&host, delivery](HostId from, Ping& ping) {
          host.messages().send(from, Ping{ping.number + 1}, delivery);
        })) {}

 private:
  Subscription subscription_;
};

enum class Faults : std::uint8_t { none, elsewhere_and_delay };

void impose_faults(World& world) {
  const std::vector<HostId> last{HostId{kHosts - 1}};
  std::vector<HostId> some;
  for (std::uint32_t i = 0; i < 100; ++i) {
    some.push_back(HostId{i});
  }
  const HostSet nobody{kHosts, {}};
  (void)world.network().impose(
      {.purpose = "elsewhere", .from = {kHosts, last}, .to = nobody, .effect = Block{}});
  (void)world.network().impose({.purpose = "delay",
                                .from = {kHosts, some},
                                .to = {kHosts, some},
                                .effect = AddedDelay{Uniform{1ms, 2ms}}});
}

void echo(benchmark::State& state, Delivery delivery, Faults faults) {
  World world{{.seed = 1}, three_zones(), {HostOptions{}}};
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    world.host(HostId{i}).install(
        [delivery](Host& host) { return std::make_unique<Echo>(host, delivery); });
    world.host(HostId{i}).start();
  }
  if (faults == Faults::elsewhere_and_delay) {
    impose_faults(world);
  }
  RandomStream random{1, "pairs"};
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    const HostId to{static_cast<std::uint32_t>(random.below(kHosts))};
    world.host(HostId{i}).messages().send(to, Ping{}, delivery);
  }
  world.run_until(TrueInstant{200ms});
  const std::uint64_t before = world.network().counters().delivered;
  for (auto _ : state) {
    world.run_until(world.now() + 100ms);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(world.network().counters().delivered - before));
}

void BM_DatagramEcho(benchmark::State& state) {
  echo(state, Delivery::datagram, Faults::none);
}
BENCHMARK(BM_DatagramEcho);

void BM_DatagramEchoUnderFaults(benchmark::State& state) {
  echo(state, Delivery::datagram, Faults::elsewhere_and_delay);
}
BENCHMARK(BM_DatagramEchoUnderFaults);

void BM_StreamEcho(benchmark::State& state) {
  echo(state, Delivery::stream, Faults::none);
}
BENCHMARK(BM_StreamEcho);

asio::awaitable<void> tick(Host& host, std::uint64_t& ticks) {
  // Drawn once: the loop is to measure waiting, not drawing.
  const Duration period = host.random("tick").uniform(500us, 1500us);
  Timer timer{host};
  for (;;) {
    timer.expires_after(period);
    co_await timer.async_wait(asio::deferred);
    ++ticks;
  }
}

void BM_CoroutineTimerLoop(benchmark::State& state) {
  World world{{.seed = 1}, three_zones(), {HostOptions{}}};
  std::uint64_t ticks = 0;
  for (std::uint32_t i = 0; i < kHosts; ++i) {
    world.host(HostId{i}).install([&ticks](Host& host) {
      spawn(host, tick(host, ticks));
      return std::make_unique<Program>();
    });
    world.host(HostId{i}).start();
  }
  world.run_until(TrueInstant{100ms});
  const std::uint64_t before = ticks;
  for (auto _ : state) {
    world.run_until(world.now() + 100ms);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(ticks - before));
}
BENCHMARK(BM_CoroutineTimerLoop);

}  // namespace
}  // namespace windtunnel::sim
