// Statistics of one measure over the seeds of a campaign: plain numbers, where infinity stands for
// a censored value and sorts last.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "chaos/judge/expectation.hpp"

namespace windtunnel::chaos {

struct SeedSample {
  std::uint64_t seed = 0;
  double value = 0;  ///< Never NaN; infinity where censored.
};

struct SampleStatistics {
  std::uint64_t n = 0;         ///< Samples, the censored ones included.
  std::uint64_t censored = 0;  ///< Infinite samples.
  double min = 0;
  double mean = 0;  ///< Infinite as soon as one sample is.
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
  std::uint64_t seed_of_min = 0;  ///< The lowest seed among equals.
  std::uint64_t seed_of_max = 0;
};

/// `samples` is not empty.
[[nodiscard]] SampleStatistics summarize(std::vector<SeedSample> samples);

/// The value at position (n − 1)·p of the ascending samples, interpolated linearly between
/// neighbours: definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages" (1996),
/// the default of R and NumPy. Interpolating towards an infinite neighbour is infinite. `p` in [0,
/// 1]; `ascending` is not empty.
[[nodiscard]] double quantile(std::span<const double> ascending, double p);

/// `ascending` is not empty.
[[nodiscard]] double statistic_of(std::span<const double> ascending, SeedStatistic statistic);
[[nodiscard]] double statistic_of(const SampleStatistics& statistics, SeedStatistic statistic);

struct Interval {
  double low = 0;
  double high = 0;
};

struct BootstrapOptions {
  unsigned resamples = 2000;
  double confidence = 0.95;
};

/// A uniform draw from [0, bound).
using DrawBelow = std::function<std::uint64_t(std::uint64_t bound)>;

/// Percentile bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter
/// 13): the central `confidence` share of the statistic over samples drawn with replacement. Costs
/// resamples · n draws.
[[nodiscard]] Interval bootstrap_interval(std::span<const double> ascending,
                                          SeedStatistic statistic, const DrawBelow& draw,
                                          const BootstrapOptions& options = {});

}  // namespace windtunnel::chaos
