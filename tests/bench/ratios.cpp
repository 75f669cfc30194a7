// Prints how many times faster the scheduler is than the naive one, as medians of interleaved
// repetitions: absolute figures move with the machine's neighbours, ratios hardly do. Fails when a
// ratio is missed or when the two disagree on the order.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "tests/bench/scheduler_workloads.hpp"

namespace windtunnel::bench {
namespace {

constexpr int kRepetitions = 15;

/// Of processor time: others may be using the machine.
template <typename Work>
double seconds_of(Work work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

double median_of(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + kRepetitions / 2, values.end());
  return values[kRepetitions / 2];
}

struct Row {
  std::string name;
  std::uint64_t steps;          ///< A repetition's length, as run() counts it.
  std::uint64_t events_a_step;  ///< What is reported per second, for one step.
  double ratio_needed;
};

/// Warms both up, runs them in turns and prints the row; true when both agree and the ratio is
/// reached.
template <typename Naive, typename Ours>
bool compare(const Row& row, Naive& naive, Ours& ours, std::uint64_t warm_up) {
  naive.run(warm_up);
  ours.run(warm_up);
  std::vector<double> naive_seconds;
  std::vector<double> our_seconds;
  for (int repetition = 0; repetition < kRepetitions; ++repetition) {
    naive_seconds.push_back(seconds_of([&] { naive.run(row.steps); }));
    our_seconds.push_back(seconds_of([&] { ours.run(row.steps); }));
  }
  const double millions = static_cast<double>(row.steps * row.events_a_step) / 1e6;
  const double ratio = median_of(naive_seconds) / median_of(our_seconds);
  const bool agree = naive.digest() == ours.digest();
  std::printf("%-24s naive %6.2f M/s  ours %6.2f M/s  ratio %5.2f (need %.1f)%s\n",
              row.name.c_str(), millions / median_of(naive_seconds),
              millions / median_of(our_seconds), ratio, row.ratio_needed,
              agree ? "" : "  DIGESTS DIFFER");
  std::fflush(stdout);
  return agree && ratio >= row.ratio_needed;
}

bool compare_hold(const std::string& name, std::uint32_t pending, double ratio_needed) {
  Hold<NaiveScheduler> naive{pending};
  Hold<sim::Scheduler> ours{pending};
  const Row row{"hold " + name, 300'000, 1, ratio_needed};
  return compare(row, naive, ours, std::max<std::uint64_t>(2 * std::uint64_t{pending}, 100'000));
}

bool compare_timeouts(const std::string& name, Deadlines deadlines, double ratio_needed) {
  constexpr std::uint32_t kHosts = 100'000;
  NaiveTimeouts naive{kHosts, deadlines};
  Timeouts ours{kHosts, deadlines};
  const Row row{"resets " + name, 20'000, kResetsPerFiring, ratio_needed};
  return compare(row, naive, ours, 50'000);
}

bool compare_all() {
  bool reached = compare_hold("1e2", 100, 1.3);
  reached &= compare_hold("1e3", 1'000, 1.7);
  reached &= compare_hold("1e4", 10'000, 1.9);
  reached &= compare_hold("1e5", 100'000, 3.2);
  reached &= compare_hold("1e6", 1'000'000, 8.0);
  reached &= compare_timeouts("1e5 hosts", Deadlines::constant, 6.0);
  reached &= compare_timeouts("1e5 hosts, redrawn", Deadlines::redrawn, 1.0);
  return reached;
}

}  // namespace
}  // namespace windtunnel::bench

int main() {
  return windtunnel::bench::compare_all() ? EXIT_SUCCESS : EXIT_FAILURE;
}
