#include "models/balance/edf_schedule.hpp"

#include <algorithm>

namespace windtunnel::balance {
namespace {

constexpr std::uint32_t kPicksMax = 429'496'729;

// Envoy's guard against weights that are multiples of each other, where rounding would make the
// shortcut end in another state than the picks themselves.
constexpr double kNudge = 1e-13;

}  // namespace

// Of P picks a slot of weight w out of W gets at least floor(P w / W); those need no queue.
EdfSchedule::EdfSchedule(std::span<const double> weights, std::uint32_t picks)
    : queue_(weights.size()) {
  picks %= kPicksMax;
  double sum = 0;
  for (const double weight : weights) {
    sum += weight + kNudge;
  }
  std::uint32_t made = 0;
  for (Slot slot = 0; slot < weights.size(); ++slot) {
    const double weight = weights[slot] + kNudge;
    auto own = static_cast<std::uint32_t>(weight * picks / sum);
    if (own > 0 && own / weight >= picks / sum) {
      --own;
    }
    time_ = std::max(time_, own / weight);
    queue_.push(slot, (own + 1.0) / weight);
    made += own;
  }
  for (; made < picks && !weights.empty(); ++made) {
    pick([weights](Slot slot) { return weights[slot]; });
  }
}

}  // namespace windtunnel::balance
