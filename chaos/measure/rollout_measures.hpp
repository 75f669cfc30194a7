// How a rollout ended, how long it took, and how many requests the new version had until then.
#pragma once

#include <string_view>

#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue that begins with "rollout.", for the timeline entry with this id. Not
/// applicable where the entry is no rollout.
[[nodiscard]] MeasureValue rollout_measure(const RunRecord& record, std::string_view measure,
                                           std::string_view id);

}  // namespace windtunnel::chaos
