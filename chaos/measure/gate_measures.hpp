// What the gate before changes decided, and by how old a bundle.
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue that begins with "gate.".
[[nodiscard]] MeasureValue gate_measure(const RunRecord& record, std::string_view measure,
                                        TimeWindow window);

}  // namespace windtunnel::chaos
