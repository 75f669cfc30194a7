// Handshakes that were refused, certificates that ran out, and how long a rotation took.
#pragma once

#include <string_view>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue that begins with "identity.".
[[nodiscard]] MeasureValue identity_measure(const RunRecord& record, std::string_view measure,
                                            TimeWindow window);

/// One that begins with "rotation.", for the timeline entry with this id. Not applicable where the
/// entry is no rotation.
[[nodiscard]] MeasureValue rotation_measure(const RunRecord& record, std::string_view measure,
                                            std::string_view id);

}  // namespace windtunnel::chaos
