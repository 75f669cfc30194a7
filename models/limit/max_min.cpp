#include "models/limit/max_min.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

__extension__ using Wide = unsigned __int128;

/// Of wants per weight, the least first.
std::vector<std::size_t> by_wants(std::span<const Demand> demands) {
  std::vector<std::size_t> order(demands.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return Wide{demands[left].wants} * demands[right].weight <
           Wide{demands[right].wants} * demands[left].weight;
  });
  return order;
}

}  // namespace

std::vector<std::uint64_t> max_min_shares(std::uint64_t capacity, std::span<const Demand> demands) {
  std::vector<std::uint64_t> shares(demands.size());
  std::uint64_t weight = 0;
  for (const Demand& demand : demands) {
    check(demand.weight > 0, "who weighs nothing is no part of it");
    weight += demand.weight;
  }
  const std::vector<std::size_t> order = by_wants(demands);
  std::uint64_t left = capacity;
  std::size_t place = 0;
  // Whoever wants no more than an equal part of what is left gets it; the parts of the rest grow.
  for (; place < order.size(); ++place) {
    const Demand& demand = demands[order[place]];
    if (Wide{demand.wants} * weight > Wide{left} * demand.weight) {
      break;
    }
    shares[order[place]] = demand.wants;
    left -= demand.wants;
    weight -= demand.weight;
  }
  // Nobody who is left can have all, so an equal part is within what each wants.
  std::uint64_t remainder = left;
  for (std::size_t rest = place; rest < order.size(); ++rest) {
    const Wide part = Wide{left} * demands[order[rest]].weight / weight;
    shares[order[rest]] = static_cast<std::uint64_t>(part);
    remainder -= shares[order[rest]];
  }
  for (std::size_t demand = 0; demand < demands.size() && place < order.size(); ++demand) {
    if (remainder > 0 && shares[demand] < demands[demand].wants) {
      ++shares[demand];
      --remainder;
    }
  }
  return shares;
}

}  // namespace windtunnel::limit
