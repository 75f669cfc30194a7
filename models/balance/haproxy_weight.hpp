// What HAProxy 2.6's algorithms share about weights (include/haproxy/backend-t.h, server-t.h):
// users give 1 to 256, and inside they are sixteen times that, so that slow start could shade them.
#pragma once

#include <cstdint>

#include "models/balance/candidates.hpp"

namespace windtunnel::balance {

inline constexpr std::uint32_t kHaproxyWeightScale = 16;
inline constexpr std::uint32_t kHaproxyUserWeightMax = 256;
inline constexpr std::uint32_t kHaproxyWeightMax = kHaproxyUserWeightMax * kHaproxyWeightScale;

/// Precondition: the weight is one that HAProxy accepts.
[[nodiscard]] inline std::uint32_t haproxy_weight(const Candidate& candidate) {
  check(candidate.weight <= kHaproxyUserWeightMax, "HAProxy's weights go up to 256");
  return candidate.weight * kHaproxyWeightScale;
}

}  // namespace windtunnel::balance
