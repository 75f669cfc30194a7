// One rollout as a state machine: time and what proxies report go in; which share the canary is to
// have, and how it ended, come out. It neither waits nor sends nor stores: that is the
// RolloutController's business.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/proxy/traffic_split.hpp"
#include "models/proxy/version_report.hpp"
#include "models/rollout/error_rate_comparison.hpp"
#include "models/rollout/rollout_spec.hpp"
#include "models/rollout/slow_share_check.hpp"
#include "models/rollout/threshold_analysis.hpp"

namespace windtunnel::rollout {

/// `promoted`: everything goes to the canary. `aborted`: nothing does. `paused`: nobody knows
/// whether it is good, the shares stay as they are, and a human decides.
enum class Phase : std::uint8_t { progressing, promoted, aborted, paused };
BOOST_DESCRIBE_ENUM(Phase, progressing, promoted, aborted, paused)

/// All that a rollout knows, so that another controller can go on where one was lost.
struct RolloutState {
  Phase phase = Phase::progressing;
  std::uint32_t step = 0;              ///< That is to be taken next, or is being waited in.
  Duration in_step{};                  ///< For so long. A span: hosts share no clock.
  PartsPerBillion weight = 0;          ///< The canary's share.
  std::string cause{};                 ///< Why it ended.
  std::uint64_t attempts_in_step = 0;  ///< At the canary.
  ErrorRateComparison errors{};
  SlowShareCheck latencies{};
  ThresholdAnalysis thresholds{};
  friend bool operator==(const RolloutState&, const RolloutState&) = default;
};
BOOST_DESCRIBE_STRUCT(RolloutState, (),
                      (phase, step, in_step, weight, cause, attempts_in_step, errors, latencies,
                       thresholds))

/// A rollout as it stands in the replicated store.
struct RolloutRecord {
  static constexpr std::string_view kWireName = "rollout.record";
  RolloutSpec spec{};
  RolloutState state{};
  friend bool operator==(const RolloutRecord&, const RolloutRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(RolloutRecord, (), (spec, state))

class Rollout {
 public:
  Rollout(RolloutRecord record, Instant now);

  [[nodiscard]] const RolloutRecord& record() const { return record_; }
  [[nodiscard]] const RolloutState& state() const { return record_.state; }
  /// How requests are to divide at present.
  [[nodiscard]] proxy::TrafficSplit split() const;

  /// Takes every step that is due. Time that passed while nobody called belongs to the step that
  /// was current: a step never gets less than its pause.
  void advance(Instant now);
  /// What one proxy saw since its last report. Everything but the canary counts as stable.
  void observe(const proxy::VersionReport& report);

 private:
  /// Whether there may be another step to take.
  [[nodiscard]] bool take_step();
  void next_step();
  void judge_by_tests(const proxy::LatencyCounts& stable, const proxy::LatencyCounts& canary);
  void judge_by_thresholds(Duration passed);
  void end(Phase phase, std::string cause);

  RolloutRecord record_;
  Instant latest_;
};

}  // namespace windtunnel::rollout
