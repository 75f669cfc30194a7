// Asks for a rotation of the root, for an operator's tool: makes the new root and writes the
// rotation into the replicated store exactly once, when the one before it is over.
#pragma once

#include "models/identity/issuing.hpp"
#include "models/identity/rotation.hpp"
#include "models/kv/client.hpp"
#include "runtime/host.hpp"

namespace windtunnel::identity {

/// Returns the new root's key once the rotation stands in the store, and tries until then.
[[nodiscard]] asio::awaitable<KeyId> begin_rotation(Host& host, kv::Client& client,
                                                    RotationSpec spec, IssuingOptions issuing);

}  // namespace windtunnel::identity
