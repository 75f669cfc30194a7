// What an operator's tool has to do with the gate: asks before a change, and brings new bundles.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "models/gate/messages.hpp"
#include "runtime/host.hpp"

namespace windtunnel::chaos {

/// Asks the gate on `host` itself. One that does not answer allows nothing.
void review_change(Host& host, gate::ReviewRequest request,
                   std::function<void(const gate::Decision& decision)> on_decided);

/// Tries for as long as the host lives. Without a bundle it writes what is none.
void write_bundle(Host& host, std::vector<HostId> control_plane,
                  const std::optional<gate::Bundle>& bundle);

}  // namespace windtunnel::chaos
