// Reading what limits the requests of a route at their caller: its rate limit, its bulkhead, and
// the levels that endpoints admit. Internal to the loader.
#pragma once

#include "chaos/scenario/scenario_reader.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::chaos {

/// What the node does not name keeps its setting, but where the kind becomes another.
void read_rate_limit(const Node& node, proxy::RateLimitSettings& limit);
void read_bulkhead(const Node& node, proxy::BulkheadSettings& bulkhead);
void read_route_admission(const Node& node, proxy::RouteAdmissionSettings& admission);

}  // namespace windtunnel::chaos
