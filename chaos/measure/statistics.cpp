#include "chaos/measure/statistics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double mean_of(std::span<const double> ascending) {
  if (std::isinf(ascending.back())) {
    return infinity;
  }
  double sum = 0;
  for (const double value : ascending) {
    sum += value;
  }
  return sum / static_cast<double>(ascending.size());
}

/// Draws indices into the ascending samples and counts them, so that the resample comes out sorted
/// without sorting.
std::vector<double> resample(std::span<const double> ascending, const DrawBelow& draw) {
  std::vector<std::uint32_t> times(ascending.size());
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    ++times[draw(ascending.size())];
  }
  std::vector<double> drawn;
  drawn.reserve(ascending.size());
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    drawn.insert(drawn.end(), times[i], ascending[i]);
  }
  return drawn;
}

}  // namespace

double quantile(std::span<const double> ascending, double p) {
  check(!ascending.empty() && p >= 0 && p <= 1, "a quantile needs samples and a share");
  const double position = static_cast<double>(ascending.size() - 1) * p;
  const auto below = static_cast<std::size_t>(position);
  const double fraction = position - static_cast<double>(below);
  if (fraction == 0 || ascending[below] == ascending[below + 1]) {
    return ascending[below];
  }
  return ascending[below] + fraction * (ascending[below + 1] - ascending[below]);
}

double statistic_of(std::span<const double> ascending, SeedStatistic statistic) {
  check(!ascending.empty(), "a statistic needs samples");
  switch (statistic) {
    case SeedStatistic::min:
      return ascending.front();
    case SeedStatistic::mean:
      return mean_of(ascending);
    case SeedStatistic::p50:
      return quantile(ascending, 0.50);
    case SeedStatistic::p95:
      return quantile(ascending, 0.95);
    case SeedStatistic::p99:
      return quantile(ascending, 0.99);
    case SeedStatistic::max:
      return ascending.back();
  }
  check(false, "a statistic outside its enumeration");
  return 0;
}

double statistic_of(const SampleStatistics& statistics, SeedStatistic statistic) {
  switch (statistic) {
    case SeedStatistic::min:
      return statistics.min;
    case SeedStatistic::mean:
      return statistics.mean;
    case SeedStatistic::p50:
      return statistics.p50;
    case SeedStatistic::p95:
      return statistics.p95;
    case SeedStatistic::p99:
      return statistics.p99;
    case SeedStatistic::max:
      return statistics.max;
  }
  check(false, "a statistic outside its enumeration");
  return 0;
}

SampleStatistics summarize(std::vector<SeedSample> samples) {
  check(!samples.empty(), "statistics need samples");
  check(std::ranges::none_of(
            samples, [](double value) { return std::isnan(value); }, &SeedSample::value),
        "no sample is NaN");
  std::ranges::sort(samples, [](const SeedSample& a, const SeedSample& b) {
    return a.value != b.value ? a.value < b.value : a.seed < b.seed;
  });
  std::vector<double> ascending;
  ascending.reserve(samples.size());
  std::ranges::transform(samples, std::back_inserter(ascending), &SeedSample::value);
  const auto largest = std::ranges::find(samples, ascending.back(), &SeedSample::value);
  return {.n = samples.size(),
          .censored = static_cast<std::uint64_t>(std::ranges::count(ascending, infinity)),
          .min = ascending.front(),
          .mean = mean_of(ascending),
          .p50 = quantile(ascending, 0.50),
          .p95 = quantile(ascending, 0.95),
          .p99 = quantile(ascending, 0.99),
          .max = ascending.back(),
          .seed_of_min = samples.front().seed,
          .seed_of_max = largest->seed};
}

Interval bootstrap_interval(std::span<const double> ascending, SeedStatistic statistic,
                            const DrawBelow& draw, const BootstrapOptions& options) {
  check(!ascending.empty() && options.resamples > 0, "a bootstrap needs samples and resamples");
  std::vector<double> statistics;
  statistics.reserve(options.resamples);
  for (unsigned i = 0; i < options.resamples; ++i) {
    statistics.push_back(statistic_of(resample(ascending, draw), statistic));
  }
  std::ranges::sort(statistics);
  const double tail = (1 - options.confidence) / 2;
  return {.low = quantile(statistics, tail), .high = quantile(statistics, 1 - tail)};
}

}  // namespace windtunnel::chaos
