#include "models/rollout/rollout.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::rollout {

namespace {

double ratio_of(PartsPerBillion parts) {
  return static_cast<double>(parts) / proxy::kWholeInParts;
}

void add_all(proxy::LatencyCounts& sum, const proxy::LatencyCounts& more) {
  for (const proxy::LatencyCount& counted : more) {
    proxy::add_to(sum, counted.bucket, counted.count);
  }
}

}  // namespace

Rollout::Rollout(RolloutRecord record, Instant now) : record_(std::move(record)), latest_(now) {
  check(record_.spec.version != record_.spec.stable, "a rollout is from one version to another");
}

proxy::TrafficSplit Rollout::split() const {
  const RolloutSpec& spec = record_.spec;
  proxy::TrafficSplit split{spec.service, spec.by, {}};
  split.shares = {{spec.stable, proxy::kWholeInParts - record_.state.weight},
                  {spec.version, record_.state.weight}};
  if (spec.version < spec.stable) {
    std::swap(split.shares.front(), split.shares.back());
  }
  return split;
}

void Rollout::advance(Instant now) {
  const Duration passed = std::max(now - latest_, Duration::zero());
  latest_ = std::max(latest_, now);
  if (state().phase != Phase::progressing) {
    return;
  }
  record_.state.in_step += passed;
  if (record_.spec.analysis.kind == AnalysisKind::threshold && state().weight > 0) {
    judge_by_thresholds(passed);
  }
  while (state().phase == Phase::progressing && take_step()) {
  }
}

bool Rollout::take_step() {
  RolloutState& state = record_.state;
  if (state.step == record_.spec.steps.size()) {
    end(Phase::promoted, "every step was taken");
    return false;
  }
  const Step& step = record_.spec.steps[state.step];
  if (step.kind == StepKind::weight) {
    state.weight = step.weight;
    next_step();
    return true;
  }
  if (state.in_step < step.pause) {
    return false;
  }
  const AnalysisSettings& analysis = record_.spec.analysis;
  if (analysis.kind == AnalysisKind::sequential && state.attempts_in_step < analysis.minimum) {
    end(Phase::paused, "too few requests reached the canary");
    return false;
  }
  next_step();
  return true;
}

void Rollout::next_step() {
  ++record_.state.step;
  record_.state.in_step = {};
  record_.state.attempts_in_step = 0;
}

void Rollout::observe(const proxy::VersionReport& report) {
  if (state().phase != Phase::progressing) {
    return;
  }
  Tally stable;
  Tally canary;
  proxy::LatencyCounts stable_latencies;
  proxy::LatencyCounts canary_latencies;
  for (const proxy::VersionCounts& counts : report.versions) {
    const bool is_canary = counts.version == record_.spec.version;
    // A report with more errors than attempts is none.
    (is_canary ? canary : stable) += {counts.attempts, std::min(counts.errors, counts.attempts)};
    add_all(is_canary ? canary_latencies : stable_latencies, counts.latencies);
  }
  record_.state.attempts_in_step += canary.attempts;
  rollout::observe(record_.state.errors, stable, canary);
  if (record_.spec.analysis.kind == AnalysisKind::sequential) {
    judge_by_tests(stable_latencies, canary_latencies);
  } else {
    rollout::observe(record_.state.thresholds, canary, canary_latencies);
  }
}

void Rollout::judge_by_tests(const proxy::LatencyCounts& stable,
                             const proxy::LatencyCounts& canary) {
  const AnalysisSettings& analysis = record_.spec.analysis;
  const double alpha = ratio_of(analysis.alpha);
  if (rejects(state().errors.evidence, alpha)) {
    end(Phase::aborted, "the canary fails more often");
    return;
  }
  if (analysis.p99_rise) {
    rollout::observe(record_.state.latencies, {.rise = ratio_of(*analysis.p99_rise)}, stable,
                     canary);
    if (rejects(state().latencies.evidence, alpha)) {
      end(Phase::paused, "the canary's P99 is too high");
    }
  }
}

void Rollout::judge_by_thresholds(Duration passed) {
  switch (rollout::advance(record_.state.thresholds, record_.spec.analysis, passed)) {
    case Finding::none:
      break;
    case Finding::failed:
      end(Phase::aborted, "too many measurements failed");
      break;
    case Finding::inconclusive:
      end(Phase::paused, "too many measurements had no request");
      break;
  }
}

void Rollout::end(Phase phase, std::string cause) {
  record_.state.phase = phase;
  record_.state.cause = std::move(cause);
  if (phase == Phase::promoted) {
    record_.state.weight = proxy::kWholeInParts;
  } else if (phase == Phase::aborted) {
    record_.state.weight = 0;
  }
}

}  // namespace windtunnel::rollout
