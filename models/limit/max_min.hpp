// Max-min fair shares by water-filling (Bertsekas and Gallager, Data Networks, 6.5.2): nobody's
// share can grow without taking from one that is no larger. Weighted, and in whole units.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace windtunnel::limit {

struct Demand {
  std::uint64_t wants = 0;
  std::uint32_t weight = 1;  ///< At least 1.
};

/// One share per demand, none above what it wants; together the capacity or all that is wanted,
/// whichever is less. Units that do not divide evenly go one each to the first demands that still
/// want one. O(n log n).
[[nodiscard]] std::vector<std::uint64_t> max_min_shares(std::uint64_t capacity,
                                                        std::span<const Demand> demands);

}  // namespace windtunnel::limit
