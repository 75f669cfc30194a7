// What is asked of a rollout: which version of which service, in which steps, and by what it is
// judged. Values only; they stand in the replicated store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/proxy/route_policy.hpp"
#include "models/proxy/traffic_split.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::rollout {

using proxy::PartsPerBillion;

/// The two kinds of Argo Rollouts' steps that move a canary (docs/features/canary.md, v1.7):
/// setWeight and pause with a duration. Its third, an analysis that a step waits for, is not here:
/// the analysis runs in the background from the first step to the last.
enum class StepKind : std::uint8_t { weight, pause };
BOOST_DESCRIBE_ENUM(StepKind, weight, pause)

struct Step {
  StepKind kind = StepKind::weight;
  PartsPerBillion weight = 0;  ///< The canary's share from now on; of the first kind.
  Duration pause{};            ///< Of the second.
  friend bool operator==(const Step&, const Step&) = default;
};
BOOST_DESCRIBE_STRUCT(Step, (), (kind, weight, pause))

/// `sequential`: tests that may be looked at all the time (error_rate_comparison.hpp,
/// slow_share_check.hpp). `threshold`: a measurement every so often against fixed bounds, as
/// products do it.
enum class AnalysisKind : std::uint8_t { sequential, threshold };
BOOST_DESCRIBE_ENUM(AnalysisKind, sequential, threshold)

struct AnalysisSettings {
  AnalysisKind kind = AnalysisKind::sequential;

  // Of a sequential analysis.
  PartsPerBillion alpha = 50'000'000;  ///< Chance of aborting a version that is no worse, at most.
  /// How much the P99 may rise before the rollout is paused; likewise wrong with chance alpha.
  std::optional<PartsPerBillion> p99_rise = 150'000'000;
  std::uint64_t minimum = 100;  ///< Attempts at the canary in a pause, or it was inconclusive.

  // Of a threshold analysis: failureLimit and inconclusiveLimit of Argo Rollouts
  // (docs/features/analysis.md, v1.7), which end a rollout when they are exceeded. Flagger's
  // `threshold` of failed checks is one more than failure_limit.
  Duration interval = std::chrono::seconds{60};
  PartsPerBillion success_ratio = 990'000'000;  ///< A measurement below fails.
  std::optional<Duration> p99{};                ///< One above fails, too.
  std::uint32_t failure_limit = 0;
  std::uint32_t inconclusive_limit = 0;  ///< Measurements without a request.

  friend bool operator==(const AnalysisSettings&, const AnalysisSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(AnalysisSettings, (),
                      (kind, alpha, p99_rise, minimum, interval, success_ratio, p99, failure_limit,
                       inconclusive_limit))

struct RolloutSpec {
  std::string service{};
  std::uint32_t stable = 1;   ///< What has the traffic that the canary does not get.
  std::uint32_t version = 2;  ///< The canary.
  proxy::SplitBy by = proxy::SplitBy::request;
  std::vector<Step> steps{};
  AnalysisSettings analysis{};
  friend bool operator==(const RolloutSpec&, const RolloutSpec&) = default;
};
BOOST_DESCRIBE_STRUCT(RolloutSpec, (), (service, stable, version, by, steps, analysis))

}  // namespace windtunnel::rollout
