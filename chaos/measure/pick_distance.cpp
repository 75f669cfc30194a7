#include "chaos/measure/pick_distance.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

// Of a sum over the instances, each term of which is rounded.
constexpr double kRounding = 1e-9;

}  // namespace

PickDistance::PickDistance(const PickTarget& target)
    : tally_(target),
      many_(target.is_even() ? target.instances().size() : 0),
      instances_with_(many_ + 1) {
  instances_with_.front() = target.instances().size();
}

double PickDistance::from_even() const {
  const std::uint64_t instances = tally_.counts().size();
  // In units of a pick over the number of instances, so that the fair share is a whole number.
  const std::uint64_t fair = tally_.all();
  std::uint64_t sum = 0;
  std::uint64_t seen = 0;
  for (std::uint64_t picks = 0; seen < instances; ++picks) {
    const std::uint64_t had = picks * instances;
    sum += instances_with_[picks] * (std::max(had, fair) - std::min(had, fair));
    seen += instances_with_[picks];
  }
  return static_cast<double>(sum) / 2 / static_cast<double>(fair) / static_cast<double>(instances);
}

double PickDistance::compared_with(double bound) const {
  check(all() > 0, "a distribution of no picks is none");
  if (instances_with_.back() == 0) {
    if (const double distance = from_even(); std::abs(distance - bound) > kRounding) {
      return distance;
    }
  }
  return tally_.total_variation();
}

}  // namespace windtunnel::chaos
