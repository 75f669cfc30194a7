// How fast new policies reached the proxies: from the commit of a change until a share of them
// enforces it, and where that time went.
#pragma once

#include <string_view>

#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// A measure of the catalogue that begins with "policy.", for the change with this id. Not
/// applicable where the timeline entry is no change of policy.
[[nodiscard]] MeasureValue policy_measure(const RunRecord& record, std::string_view measure,
                                          std::string_view id);

}  // namespace windtunnel::chaos
