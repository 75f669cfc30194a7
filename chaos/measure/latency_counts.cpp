#include "chaos/measure/latency_counts.hpp"

#include "runtime/check.hpp"

namespace windtunnel::chaos {

Magnitude LatencyCounts::magnitude(std::size_t number) {
  if (number < 2 * kExact) {
    return {.from = number, .width = 1};
  }
  const std::size_t shift = number / kExact - 1;
  return {.from = (kExact + number % kExact) << shift, .width = std::uint64_t{1} << shift};
}

RankPlace LatencyCounts::place_of(unsigned percent) const {
  check(all_ > 0 && percent >= 1 && percent <= 100, "a rank needs samples and 1 to 100 percent");
  std::uint64_t rank = (all_ * percent + 99) / 100;
  std::size_t number = 0;
  for (; rank > counts_[number]; ++number) {
    rank -= counts_[number];
  }
  return {.magnitude = magnitude(number), .count = counts_[number], .rank = rank};
}

}  // namespace windtunnel::chaos
