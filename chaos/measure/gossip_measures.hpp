// How fast a gossiping group finds out who is gone, and how often it is wrong: the measures whose
// names begin with "gossip.".
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue after the fault; any other name is a programmer's mistake.
[[nodiscard]] MeasureValue gossip_measure(const RunRecord& record, std::string_view measure,
                                          const FaultGroup& fault);

/// How often a member took another for dead that was neither crashed, lost nor paused. One that is
/// cut off is alive: to take it for dead is wrong, too. So is a verdict that comes when the one
/// that was gone is back.
[[nodiscard]] MeasureValue false_deaths(const RunRecord& record, const TimeWindow& window);

}  // namespace windtunnel::chaos
