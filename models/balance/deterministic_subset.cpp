#include "models/balance/deterministic_subset.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

namespace {

/// Callers share no state: what they must agree on, the round's number alone decides.
void shuffle(std::vector<std::uint32_t>& positions, std::uint32_t round) {
  RandomStream random{round, "balance.deterministic_subset"};
  for (std::size_t left = positions.size(); left > 1; --left) {
    std::swap(positions[left - 1], positions[random.below(left)]);
  }
}

}  // namespace

std::vector<std::uint32_t> deterministic_subset(const SubsetRequest& request) {
  check(request.size > 0, "a caller uses some endpoint");
  std::vector<std::uint32_t> positions(request.endpoints);
  std::iota(positions.begin(), positions.end(), 0U);
  if (request.size >= request.endpoints) {
    return positions;
  }
  const std::uint32_t subsets = request.endpoints / request.size;
  shuffle(positions, request.caller / subsets);
  const auto first = positions.begin() + request.caller % subsets * request.size;
  std::vector<std::uint32_t> mine(first, first + request.size);
  std::sort(mine.begin(), mine.end());
  return mine;
}

}  // namespace windtunnel::balance
