// Asks for a rollout, for an operator's tool: writes it into the replicated store exactly once,
// where a write that is sent again could set back a rollout that has begun meanwhile.
#pragma once

#include "models/kv/client.hpp"
#include "models/rollout/rollout_spec.hpp"
#include "runtime/host.hpp"

namespace windtunnel::rollout {

/// Replaces an earlier rollout of the same service, whatever became of it. Returns once the new one
/// stands in the store, and tries until then.
[[nodiscard]] asio::awaitable<void> begin_rollout(Host& host, kv::Client& client, RolloutSpec spec);

}  // namespace windtunnel::rollout
