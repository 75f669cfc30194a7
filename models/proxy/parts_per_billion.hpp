// Shares as scenarios write them, exact: the unit of every share in a route policy.
#pragma once

#include <cstdint>

namespace windtunnel::proxy {

using PartsPerBillion = std::uint32_t;
inline constexpr PartsPerBillion kWholeInParts = 1'000'000'000;

/// For components whose arithmetic is in floating point.
[[nodiscard]] constexpr double ratio_of(PartsPerBillion parts) {
  return static_cast<double>(parts) / kWholeInParts;
}

}  // namespace windtunnel::proxy
