// The subsets by label of a route policy: from a scenario, and back into a plan's JSON and text.
// Internal to the loader and the plan.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/subset_settings.hpp"

namespace windtunnel::chaos {

/// What is named takes the place of what was before, key by key.
void read_subsets(const Node& node, proxy::SubsetSettings& subsets);
/// Notes labels that no instance of the callee has; `policy` is the policy's node.
void check_labels(const Node& policy, std::string_view callee,
                  const std::vector<PlannedService>& services);

[[nodiscard]] Json subsets_json(const proxy::SubsetSettings& subsets);
[[nodiscard]] std::string subsets_text(const proxy::SubsetSettings& subsets);

}  // namespace windtunnel::chaos
