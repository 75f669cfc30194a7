// The limit in levels of a route policy: from a scenario, and back into a plan's JSON and text.
// Internal to the loader and the plan.
#pragma once

#include <string>

#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/hierarchical_limit_settings.hpp"

namespace windtunnel::chaos {

/// Levels that are named take the place of all those of before.
void read_hierarchical_limit(const Node& node, proxy::HierarchicalLimitSettings& limit);

[[nodiscard]] Json hierarchical_limit_json(const proxy::HierarchicalLimitSettings& limit);
[[nodiscard]] std::string hierarchical_limit_text(const proxy::HierarchicalLimitSettings& limit);

}  // namespace windtunnel::chaos
