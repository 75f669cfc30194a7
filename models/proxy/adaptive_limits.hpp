// Between which limits adaptive concurrency moves, with the product's own where the settings say
// nothing. Whoever makes a limit, and whoever refuses settings that none can be made of, asks here.
#pragma once

#include <cstdint>

#include "models/proxy/overload_settings.hpp"

namespace windtunnel::proxy {

/// Those that a kind does not know never stand in the way of the others.
struct AdaptiveLimits {
  std::uint32_t minimum = 1;
  std::uint32_t initial = 1;
  std::uint32_t maximum = 1;

  /// Whether a limit can be made of them.
  [[nodiscard]] bool ascend() const {
    return minimum >= 1 && minimum <= initial && initial <= maximum;
  }
  friend bool operator==(const AdaptiveLimits&, const AdaptiveLimits&) = default;
};

/// A product's initial limit and its maximum rise to what is set below them. What is set above
/// lowers nothing: a maximum below the product's minimum does not ascend.
[[nodiscard]] AdaptiveLimits limits_of(const AdaptiveConcurrencySettings& settings);

}  // namespace windtunnel::proxy
