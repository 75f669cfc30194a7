// Who held the virtual addresses, and for how long two did or nobody: the measures whose names
// begin with "virtual_address.".
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue after the fault; any other name is a programmer's mistake.
[[nodiscard]] MeasureValue address_measure(const RunRecord& record, std::string_view measure,
                                           const FaultGroup& fault);

/// How long two or more hosts that ran held the same address, summed over addresses. A paused one
/// holds what it held: its kernel answers for it.
[[nodiscard]] MeasureValue two_holders(const RunRecord& record, const TimeWindow& window);
/// How long nobody that ran held an address, summed over addresses.
[[nodiscard]] MeasureValue no_holder(const RunRecord& record, const TimeWindow& window);

}  // namespace windtunnel::chaos
