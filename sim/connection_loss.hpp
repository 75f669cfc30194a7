// Why a connection ended under its users, as their kernel would tell them.
#pragma once

#include <cstdint>

namespace windtunnel::sim {

/// `reset`: the other side, or a firewall on the way, said so. `timeout`: nothing was heard for as
/// long as the kernel tries.
enum class ConnectionLoss : std::uint8_t { reset, timeout };

}  // namespace windtunnel::sim
