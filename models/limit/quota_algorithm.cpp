#include "models/limit/quota_algorithm.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

__extension__ using Wide = unsigned __int128;

std::uint64_t proportional_share(std::uint64_t capacity, std::span<const Demand> demands,
                                 std::size_t place) {
  Wide wanted = 0;
  std::uint64_t weight = 0;
  for (const Demand& demand : demands) {
    wanted += demand.wants;
    weight += demand.weight;
  }
  const auto equal_part = [&](const Demand& demand) {
    return static_cast<std::uint64_t>(Wide{capacity} * demand.weight / weight);
  };
  const Demand& own = demands[place];
  if (wanted <= capacity || own.wants <= equal_part(own)) {
    return own.wants;
  }
  std::uint64_t left_over = 0;
  std::uint64_t missing = 0;
  for (const Demand& demand : demands) {
    const std::uint64_t part = equal_part(demand);
    (demand.wants < part ? left_over : missing) +=
        demand.wants < part ? part - demand.wants : demand.wants - part;
  }
  const Wide extra = Wide{own.wants - equal_part(own)} * left_over / missing;
  return equal_part(own) + static_cast<std::uint64_t>(extra);
}

}  // namespace

std::uint64_t entitlement(const QuotaDivision& division, std::span<const Demand> demands,
                          std::size_t place) {
  check(place < demands.size(), "the demand is one of those given");
  switch (division.algorithm) {
    case QuotaAlgorithm::fixed_share:
      return std::min(demands[place].wants, division.fixed_share);
    case QuotaAlgorithm::proportional_share:
      return proportional_share(division.capacity, demands, place);
    case QuotaAlgorithm::fair_share:
      return max_min_shares(division.capacity, demands)[place];
  }
  return 0;
}

}  // namespace windtunnel::limit
