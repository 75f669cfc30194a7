// The analysis of Argo Rollouts and Flagger: at each interval one measurement against fixed bounds,
// and a rollout that ends when too many have failed. It knows neither how many requests a
// measurement rests on nor how often it looks, and it compares with a bound instead of with the
// stable version: a fault that hits both versions aborts a good one.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>

#include "models/proxy/latency_buckets.hpp"
#include "models/rollout/error_rate_comparison.hpp"
#include "models/rollout/rollout_spec.hpp"

namespace windtunnel::rollout {

/// A value, written down with its rollout.
struct ThresholdAnalysis {
  Duration elapsed{};  ///< Of the interval.
  Tally canary{};      ///< In the interval, as the latencies.
  proxy::LatencyCounts latencies{};
  std::uint32_t failures = 0;
  std::uint32_t inconclusives = 0;
  friend bool operator==(const ThresholdAnalysis&, const ThresholdAnalysis&) = default;
};
BOOST_DESCRIBE_STRUCT(ThresholdAnalysis, (), (elapsed, canary, latencies, failures, inconclusives))

enum class Finding : std::uint8_t { none, failed, inconclusive };

void observe(ThresholdAnalysis& analysis, const Tally& canary,
             const proxy::LatencyCounts& latencies);
/// Time passes; `failed` or `inconclusive` where a measurement took place that exceeds a limit.
[[nodiscard]] Finding advance(ThresholdAnalysis& analysis, const AnalysisSettings& settings,
                              Duration passed);

}  // namespace windtunnel::rollout
