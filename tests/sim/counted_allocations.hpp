// Counts what the program that links this allocates; it replaces the global operator new for that.
#pragma once

#include <cstdint>

namespace windtunnel {

/// Calls of any operator new so far.
[[nodiscard]] std::uint64_t counted_allocations();

}  // namespace windtunnel
