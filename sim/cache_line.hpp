// What a processor fetches from memory at once. Only for hints: nothing depends on it but speed.
#pragma once

#include <cstddef>

namespace windtunnel::sim {

inline constexpr std::size_t kCacheLineBytes = 64;

}  // namespace windtunnel::sim
