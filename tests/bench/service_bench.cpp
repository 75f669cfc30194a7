// What one request costs in a station, and through simulated hosts.
#include <memory>

#include <benchmark/benchmark.h>

#include "models/client/call_recorder.hpp"
#include "models/client/load_client.hpp"
#include "models/service/direct_caller.hpp"
#include "models/service/node.hpp"
#include "sim/world.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

/// Arrivals at 0.9 of the capacity of so many workers that take 10 ms each.
void BM_Station(benchmark::State& state) {
  StationOptions options;
  options.workers = static_cast<std::uint32_t>(state.range(0));
  options.queue_max = 100'000;
  options.work = Exponential{10ms};
  Station station{options, {RandomStream{1, "work"}, RandomStream{1, "pauses"}}, Instant{}};
  client::ArrivalProcess arrivals{
      client::PoissonArrivals{client::RateProfile{90.0 * options.workers}},
      RandomStream{1, "arrivals"}};
  client::LatencyHistogram latencies;
  for (auto _ : state) {
    (void)station.arrive(Instant{arrivals.next().value()}, Job{});
    for (FinishedJob job; station.poll(job);) {
      latencies.record(job.ended - job.arrived);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_Station)->Arg(1)->Arg(16)->Arg(1024);

/// Twice the capacity, with three priorities, adaptive LIFO, the queue timeout and deadlines.
void BM_OverloadedStation(benchmark::State& state) {
  StationOptions options;
  options.workers = 16;
  options.queue_max = 1000;
  options.priorities = 3;
  options.discipline = Discipline::adaptive_lifo;
  options.delay_control = QueueTimeout{};
  options.work = Exponential{10ms};
  Station station{options, {RandomStream{1, "work"}, RandomStream{1, "pauses"}}, Instant{}};
  client::ArrivalProcess arrivals{client::PoissonArrivals{client::RateProfile{3200}},
                                  RandomStream{1, "arrivals"}};
  std::uint32_t next = 0;
  for (auto _ : state) {
    const Instant now{arrivals.next().value()};
    Job job;
    job.priority = next++ % 3;
    job.deadline = now + 50ms;
    (void)station.arrive(now, job);
    for (FinishedJob done; station.poll(done);) {
      benchmark::DoNotOptimize(done);
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_OverloadedStation);

void BM_HistogramRecord(benchmark::State& state) {
  client::LatencyHistogram latencies;
  RandomStream random{1, "values"};
  for (auto _ : state) {
    latencies.record(Duration{static_cast<std::int64_t>(random.next() >> 36)});
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(BM_HistogramRecord);

constexpr std::uint32_t kClients = 4;

void start_service(sim::World& world, HostId at) {
  struct Process final : Program {
    explicit Process(Host& host) : caller(host, {}), node(host, options(), caller) {}
    static ServiceOptions options() {
      ServiceOptions made;
      made.service = "shop";
      made.station.workers = 32;
      made.station.work = Exponential{1ms};
      return made;
    }
    DirectCaller caller;
    ServiceNode node;
  };
  world.host(at).install([](Host& host) { return std::make_unique<Process>(host); });
  world.host(at).start();
}

void start_load(sim::World& world, HostId at, client::CallSink& sink) {
  struct Process final : Program {
    Process(Host& host, client::CallSink& sink_)
        : caller(host, routes()), load(host, options(), caller, sink_) {}
    static DirectCallerOptions routes() {
      DirectCallerOptions made;
      made.routes.push_back({"shop", {HostId{kClients}}});
      return made;
    }
    static client::OpenLoopOptions options() {
      client::OpenLoopOptions made;
      made.requests.service = "shop";
      made.arrivals = client::PoissonArrivals{client::RateProfile{5000}};
      return made;
    }
    DirectCaller caller;
    client::LoadClient load;
  };
  world.host(at).install([&sink](Host& host) { return std::make_unique<Process>(host, sink); });
  world.host(at).start();
}

/// Calls from four hosts, each with its due time, request, station, answer and record.
void BM_CallThroughSimulatedHosts(benchmark::State& state) {
  sim::Topology topology = sim::Topology::of_zones(
      {"z1"}, {"r1"}, {.zone = {.latency = Constant{1ms}}, .region = {}, .wan = {}});
  for (std::uint32_t i = 0; i <= kClients; ++i) {
    topology.add_host("host" + std::to_string(i), 0);
  }
  sim::World world{{.seed = 1}, std::move(topology), {sim::HostOptions{}}};
  client::CallRecorder recorder{Instant{}};
  start_service(world, HostId{kClients});
  for (std::uint32_t i = 0; i < kClients; ++i) {
    start_load(world, HostId{i}, recorder);
  }
  world.run_until(TrueInstant{1s});
  const std::uint64_t before = recorder.latencies().count();
  for (auto _ : state) {
    world.run_until(world.now() + 100ms);
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(recorder.latencies().count() - before));
}
BENCHMARK(BM_CallThroughSimulatedHosts);

}  // namespace
}  // namespace windtunnel::service
