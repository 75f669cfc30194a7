// Gives the control plane new policies and splits, as an operator would: through the configuration
// client, on a host of the control plane.
#pragma once

#include <functional>
#include <vector>

#include "models/config/config_client.hpp"
#include "models/proxy/route_policy.hpp"
#include "models/proxy/traffic_split.hpp"
#include "runtime/host.hpp"

namespace windtunnel::chaos {

/// Writes one document after the other and calls `on_committed` with the revision of each, as soon
/// as the writer is told. A write that fails is tried again for as long as the host lives.
void write_policies(Host& host, std::vector<HostId> control_plane,
                    std::vector<proxy::RoutePolicy> policies,
                    std::function<void(std::uint64_t revision)> on_committed);

/// The same for how requests divide among versions.
void write_splits(Host& host, std::vector<HostId> control_plane,
                  std::vector<proxy::TrafficSplit> splits,
                  std::function<void(std::uint64_t revision)> on_committed);

}  // namespace windtunnel::chaos
