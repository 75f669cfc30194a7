#include "models/rollout/threshold_analysis.hpp"

namespace windtunnel::rollout {

namespace {

bool meets_its_bounds(const ThresholdAnalysis& analysis, const AnalysisSettings& settings) {
  const Tally& canary = analysis.canary;
  const std::uint64_t good = canary.attempts - canary.errors;
  if (good * proxy::kWholeInParts < canary.attempts * settings.success_ratio) {
    return false;
  }
  return !settings.p99 || analysis.latencies.empty() ||
         proxy::upper_edge(proxy::percentile_of(analysis.latencies, 99)) <= *settings.p99;
}

}  // namespace

void observe(ThresholdAnalysis& analysis, const Tally& canary,
             const proxy::LatencyCounts& latencies) {
  analysis.canary += canary;
  for (const proxy::LatencyCount& counted : latencies) {
    proxy::add_to(analysis.latencies, counted.bucket, counted.count);
  }
}

Finding advance(ThresholdAnalysis& analysis, const AnalysisSettings& settings, Duration passed) {
  analysis.elapsed += passed;
  if (analysis.elapsed < settings.interval) {
    return Finding::none;
  }
  Finding finding = Finding::none;
  if (analysis.canary.attempts == 0) {
    finding = ++analysis.inconclusives > settings.inconclusive_limit ? Finding::inconclusive
                                                                     : Finding::none;
  } else if (!meets_its_bounds(analysis, settings)) {
    finding = ++analysis.failures > settings.failure_limit ? Finding::failed : Finding::none;
  }
  analysis.elapsed = {};
  analysis.canary = {};
  analysis.latencies.clear();
  return finding;
}

}  // namespace windtunnel::rollout
