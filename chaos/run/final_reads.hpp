// The reads after the run: once every fault is healed, a client reads the whole store through its
// front door and looks for every write that was acknowledged.
#pragma once

#include "chaos/measure/record.hpp"
#include "chaos/run/fact_collector.hpp"
#include "chaos/scenario/plan.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// Runs the world on until the reads are done or have failed, at most two simulated minutes. All
/// hosts must be running.
[[nodiscard]] FinalReadsRecord read_everything(sim::World& world, const Plan& plan,
                                               const RunRecord& record,
                                               const std::vector<FactCollector::Write>& writes);

}  // namespace windtunnel::chaos
