// Runs a plan in a world of its own and returns what it left behind. Runs share nothing; they may
// go side by side on threads.
#pragma once

#include <functional>
#include <vector>

#include "chaos/measure/measures.hpp"
#include "chaos/measure/record.hpp"
#include "chaos/run/strike_decision.hpp"
#include "chaos/scenario/plan.hpp"
#include "sim/digest.hpp"

namespace windtunnel::chaos {

struct RunOptions {
  /// Called now and then with the share of the run that is over, from 0 to 1. What it throws ends
  /// the run.
  std::function<void(double)> on_progress;
  /// Where set, receives every event of the run, 32 bytes each.
  std::vector<sim::TracedEvent>* trace = nullptr;
  /// Asked when a fault is about to strike. What one throws ends the run.
  StrikeDecisions decisions;
};

/// Runs to the plan's end, or to the first breach of an invariant, then heals every fault and reads
/// the store. Throws RunFailure where a mistake of our own ends it, and what the options throw.
[[nodiscard]] RunRecord run_plan(const Plan& plan, const RunOptions& options = {});

/// How a plan's measures are taken.
[[nodiscard]] MeasureOptions measure_options_of(const Plan& plan);

}  // namespace windtunnel::chaos
