// Asks the control plane for a rollout, as an operator would: writes it into the replicated store,
// from a host of the control plane.
#pragma once

#include <functional>
#include <vector>

#include "models/rollout/rollout_spec.hpp"
#include "runtime/host.hpp"

namespace windtunnel::chaos {

/// Tries for as long as the host lives; `on_committed` is called as soon as the writer is told.
void write_rollout(Host& host, std::vector<HostId> control_plane, rollout::RolloutSpec spec,
                   std::function<void()> on_committed);

}  // namespace windtunnel::chaos
