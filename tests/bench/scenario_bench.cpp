// Whole scenarios, from the plan to the record: how much simulated time passes in a second of real
// time.

#include <string>

#include <benchmark/benchmark.h>

#include "chaos/command/allocator.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/scenario/scenario.hpp"

namespace windtunnel::chaos {
namespace {

void run_scenario(benchmark::State& state, const std::string& name) {
  const Scenario scenario = load_scenario_file(std::string{WINDTUNNEL_SCENARIOS} + "/" + name);
  std::uint64_t seed = 1;
  double simulated_seconds = 0;
  double events = 0;
  for (auto _ : state) {
    const RunRecord record = run_plan(make_plan(scenario, seed++));
    simulated_seconds += static_cast<double>(record.length.count()) / 1e9;
    events += static_cast<double>(record.events);
  }
  state.counters["simulated/real"] =
      benchmark::Counter(simulated_seconds, benchmark::Counter::kIsRate);
  state.counters["events"] = benchmark::Counter(events, benchmark::Counter::kIsRate);
}

BENCHMARK_CAPTURE(run_scenario, leader_loss, "leader-loss.json")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(run_scenario, steady_load, "steady-load.json")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace windtunnel::chaos

int main(int argc, char** argv) {
  windtunnel::chaos::prepare_allocator();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
    return 1;
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
