#include "chaos/measure/pick_tally.hpp"

#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

PickTally::PickTally(const PickTarget& target)
    : target_(&target),
      counts_(target.instances().size()),
      of_stretch_(target.stretches().size()) {}

void PickTally::follow(TrueInstant at, Edge& edge) const {
  const std::vector<PickShares>& stretches = target_->stretches();
  while (edge.stretch + 1 < stretches.size() && stretches[edge.stretch + 1].since <= at) {
    ++edge.stretch;
  }
  edge.until =
      edge.stretch + 1 < stretches.size() ? stretches[edge.stretch + 1].since : TrueInstant::max();
}

double PickTally::fair(std::size_t place) const {
  double fair = 0;
  for (std::size_t stretch = removing_.stretch; stretch <= adding_.stretch; ++stretch) {
    fair += static_cast<double>(of_stretch_[stretch]) *
            target_->stretches()[stretch].of_instance[place];
  }
  return fair;
}

double PickTally::total_variation() const {
  check(all_ > 0, "a distribution of no picks is none");
  double sum = 0;
  for (std::size_t place = 0; place < counts_.size(); ++place) {
    sum += std::abs(static_cast<double>(counts_[place]) - fair(place));
  }
  return sum / 2 / static_cast<double>(all_);
}

}  // namespace windtunnel::chaos
