// Absolute speed of the scheduler and of the naive one, for profiles and trends; what must hold are
// the ratios that bench_ratios prints.
#include <cstdint>

#include <benchmark/benchmark.h>

#include "tests/bench/scheduler_workloads.hpp"

namespace windtunnel::bench {
namespace {

constexpr std::uint64_t kBatch = 10'000;

template <typename SchedulerType>
void hold(benchmark::State& state) {
  const auto pending = static_cast<std::uint32_t>(state.range(0));
  Hold<SchedulerType> work{pending};
  work.run(2 * std::uint64_t{pending});
  for (auto _ : state) {
    work.run(kBatch);
  }
  benchmark::DoNotOptimize(work.digest());
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

template <typename TimeoutsType>
void reset_timeouts(benchmark::State& state) {
  constexpr std::uint64_t kFirings = 1'000;
  TimeoutsType work{static_cast<std::uint32_t>(state.range(0)), Deadlines::constant};
  work.run(50'000);
  for (auto _ : state) {
    work.run(kFirings);
  }
  benchmark::DoNotOptimize(work.digest());
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(kFirings * kResetsPerFiring));
}

BENCHMARK(hold<NaiveScheduler>)->RangeMultiplier(10)->Range(100, 1'000'000);
BENCHMARK(hold<sim::Scheduler>)->RangeMultiplier(10)->Range(100, 1'000'000);
BENCHMARK(reset_timeouts<NaiveTimeouts>)->Arg(100'000);
BENCHMARK(reset_timeouts<Timeouts>)->Arg(100'000);

}  // namespace
}  // namespace windtunnel::bench
