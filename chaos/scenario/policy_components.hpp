// Reading the components of a route from hedges to retry quotas. Internal to the loader.
#pragma once

#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::chaos {

/// `block` is a policy; what it does not name keeps its settings.
void read_further_components(const Block& block, proxy::RoutePolicy& policy);

}  // namespace windtunnel::chaos
