// How a quota is divided among those who want it: the algorithms of Doorman (github.com/youtube/
// doorman, doc/algorithms.md), in whole units and without the leases; what may be granted of an
// entitlement now is the QuotaServer's business.
#pragma once

#include <cstdint>
#include <span>

#include "models/limit/max_min.hpp"

namespace windtunnel::limit {

enum class QuotaAlgorithm : std::uint8_t {
  /// STATIC: each gets what it wants, up to one and the same bound.
  fixed_share,
  /// PROPORTIONAL_SHARE: each gets its equal part, and of what others leave of theirs, a part in
  /// proportion to what it wants beyond its own.
  proportional_share,
  /// FAIR_SHARE: max-min. Doorman stops after two rounds of sharing out what is left; this goes on
  /// to the end, so it is fair for any number of distinct wants.
  fair_share,
};

struct QuotaDivision {
  QuotaAlgorithm algorithm = QuotaAlgorithm::fair_share;
  std::uint64_t capacity = 0;
  std::uint64_t fixed_share = 0;  ///< The bound of each, for fixed_share only.
};

/// What the demand at `place` is entitled to. A weight is Doorman's number of subclients.
[[nodiscard]] std::uint64_t entitlement(const QuotaDivision& division,
                                        std::span<const Demand> demands, std::size_t place);

}  // namespace windtunnel::limit
