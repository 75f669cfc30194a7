// Prints how often rollouts end how, and what they cost, over many seeds: the figures of
// docs/data-plane.md. Not a test.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "tests/models/rollout/made_traffic.hpp"

namespace {

using namespace windtunnel;
using namespace windtunnel::rollout;
using namespace std::chrono_literals;

constexpr PartsPerBillion kFivePercent = 50'000'000;

RolloutSpec by_thresholds(std::uint32_t failure_limit) {
  RolloutSpec spec = held_at(kFivePercent, 600s);
  spec.analysis.kind = AnalysisKind::threshold;
  spec.analysis.interval = 10s;
  spec.analysis.failure_limit = failure_limit;
  return spec;
}

void print_false_aborts(const char* what, const Traffic& traffic, std::uint32_t seeds) {
  std::uint32_t looked = 0;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    looked += is_condemned_by_looking(traffic, kFivePercent, 600, seed) ? 1U : 0U;
  }
  const auto percent = [&](std::uint32_t count) { return 100.0 * count / seeds; };
  std::printf("%-42s %6.1f %% %6.1f %% %6.1f %% %6.1f %%\n", what,
              percent(count_ends(held_at(kFivePercent, 600s), traffic, seeds, Phase::aborted)),
              percent(looked),
              percent(count_ends(by_thresholds(0), traffic, seeds, Phase::aborted)),
              percent(count_ends(by_thresholds(4), traffic, seeds, Phase::aborted)));
}

void print_power(double stable, double canary, std::uint32_t seeds) {
  const RolloutSpec spec = held_at(kFivePercent, 600s);
  const Traffic traffic{.stable_errors = stable, .canary_errors = canary};
  std::vector<std::uint64_t> exposed;
  std::vector<std::uint32_t> seconds;
  for (std::uint32_t seed = 1; seed <= seeds; ++seed) {
    const Ended ended = end_of(spec, traffic, seed);
    if (ended.phase == Phase::aborted) {
      exposed.push_back(ended.exposed);
      seconds.push_back(ended.seconds);
    }
  }
  std::sort(exposed.begin(), exposed.end());
  std::sort(seconds.begin(), seconds.end());
  const std::size_t n = exposed.size();
  std::printf("%5.2f %% against %5.2f %%: aborted %5.1f %%", 100 * canary, 100 * stable,
              100.0 * static_cast<double>(n) / seeds);
  if (n > 0) {
    std::printf(", after %u s and %lu attempts (median), %u s and %lu (95 %%)", seconds[n / 2],
                static_cast<unsigned long>(exposed[n / 2]), seconds[n * 95 / 100],
                static_cast<unsigned long>(exposed[n * 95 / 100]));
  }
  std::printf("\n");
}

}  // namespace

int main(int count, char** arguments) {
  const auto seeds =
      count > 1 ? static_cast<std::uint32_t>(std::atoi(arguments[1])) : std::uint32_t{2000};
  std::printf("A canary that is no worse, 5 %% of 200/s for 10 min: aborted by\n");
  std::printf("%-42s %8s %8s %8s %8s\n", "", "ours", "looking", "limit 0", "limit 4");
  print_false_aborts("0.1 % errors", {}, seeds);
  print_false_aborts("0.5 %", {.stable_errors = 0.005, .canary_errors = 0.005}, seeds);
  print_false_aborts("5 %", {.stable_errors = 0.05, .canary_errors = 0.05}, seeds);
  print_false_aborts("0.1 %, but 30 % in one minute, of both",
                     {.outage_from = 300, .outage_to = 360, .outage_errors = 0.3}, seeds);
  std::printf("\nA canary that is worse, likewise:\n");
  print_power(0.001, 0.003, seeds);
  print_power(0.001, 0.005, seeds);
  print_power(0.001, 0.01, seeds);
  print_power(0.001, 0.03, seeds);
  print_power(0.001, 0.10, seeds);
  print_power(0.01, 0.02, seeds);
  print_power(0.01, 0.03, seeds);
  return 0;
}
