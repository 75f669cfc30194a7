// Builds the world that a plan describes: topology, hosts, and the program of each host. Nothing
// has started yet.
#pragma once

#include <memory>

#include "chaos/run/host_program.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// Fills in the context's world. The context must outlive it.
[[nodiscard]] std::unique_ptr<sim::World> world_of(RunContext& context);

}  // namespace windtunnel::chaos
