// Builds the world that a plan describes: topology, hosts, and the program of each host. Nothing
// has started yet.
#pragma once

#include <memory>

#include "chaos/scenario/plan.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// The plan may go; the world keeps what it needs.
[[nodiscard]] std::unique_ptr<sim::World> world_of(const Plan& plan);

/// Whether a host is a client of some load.
[[nodiscard]] bool runs_load(const Plan& plan, HostId host);

}  // namespace windtunnel::chaos
