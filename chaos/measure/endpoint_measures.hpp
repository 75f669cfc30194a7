// How fast proxies learn that instances are lost, and the registry that they are back: the measures
// whose names begin with "endpoints.".
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue after the fault; any other name is a programmer's mistake.
[[nodiscard]] MeasureValue endpoint_measure(const RunRecord& record, std::string_view measure,
                                            const FaultGroup& fault);

}  // namespace windtunnel::chaos
