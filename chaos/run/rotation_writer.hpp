// Asks the control plane of a running world for another root, as an operator's tool would.
#pragma once

#include <functional>
#include <vector>

#include "models/identity/begin_rotation.hpp"
#include "runtime/host.hpp"

namespace windtunnel::chaos {

/// Runs on `host`, which may be of the control plane itself. Tries until it is done, or the host
/// goes down; tells the new root's key.
void write_rotation(Host& host, std::vector<HostId> control_plane, identity::RotationSpec spec,
                    identity::IssuingOptions issuing,
                    std::function<void(identity::KeyId new_root)> on_committed);

}  // namespace windtunnel::chaos
