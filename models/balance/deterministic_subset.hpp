// Which of many endpoints one of many callers uses, where all with all would be too many
// connections. Deterministic subsetting as in Google's "Site Reliability Engineering" (O'Reilly,
// 2016, chapter 20): callers are numbered and fall into rounds; each round shuffles the endpoints
// in its own way and deals them out, so that every endpoint has as many callers as any other.
#pragma once

#include <cstdint>
#include <vector>

namespace windtunnel::balance {

struct SubsetRequest {
  std::uint32_t endpoints = 0;  ///< How many there are.
  std::uint32_t size = 0;       ///< How many each caller uses; all of them where it is not less.
  std::uint32_t caller = 0;     ///< The caller's number, from zero, without gaps.
};

/// Positions in the list of endpoints, ascending. Every caller must know the list in the same
/// order. Where `size` does not divide the number of endpoints, the rest is left out of a round,
/// another rest in each. O(endpoints).
[[nodiscard]] std::vector<std::uint32_t> deterministic_subset(const SubsetRequest& request);

}  // namespace windtunnel::balance
