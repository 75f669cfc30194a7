// How far replicas fall behind each other, and what concurrent writing costs: what the last writer
// has made lost, what was read stale, and what should never be, divergence and the undead.
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/replication_index.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue that begins with "replication.", over calls invoked and operations
/// accepted in the window. What replicas hold in the end is not asked of a window but of the run.
[[nodiscard]] MeasureValue replication_measure(const ReplicationIndex& index,
                                               std::string_view measure, TimeWindow window);

/// From the end of the fault until every replica had seen every operation accepted before that.
[[nodiscard]] MeasureValue replication_convergence(const ReplicationIndex& index,
                                                   const FaultGroup& group, TrueInstant ended_at);

}  // namespace windtunnel::chaos
