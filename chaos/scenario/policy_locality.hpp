// The locality of a route policy: from a scenario, and back into a plan's JSON and text. Internal
// to the loader and the plan.
#pragma once

#include <string>

#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/locality_settings.hpp"

namespace windtunnel::chaos {

/// `"failover"`, or an object with the kind and more. Weights that are named take the place of all
/// those of before.
void read_locality(const Node& node, proxy::LocalitySettings& locality);
/// Notes weights of zones that no host is in; `policy` is the policy's node.
void check_zones(const Node& policy, const HostDirectory& hosts);

[[nodiscard]] Json locality_json(const proxy::LocalitySettings& locality);
[[nodiscard]] std::string locality_text(const proxy::LocalitySettings& locality);

}  // namespace windtunnel::chaos
