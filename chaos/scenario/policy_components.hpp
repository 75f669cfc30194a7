// The components of a route that came after the first ones: reading them. Internal to the loader.
#pragma once

#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::chaos {

/// `block` is a policy; what it does not name keeps its settings.
void read_late_components(const Block& block, proxy::RoutePolicy& policy);

}  // namespace windtunnel::chaos
