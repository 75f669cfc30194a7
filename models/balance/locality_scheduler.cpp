#include "models/balance/locality_scheduler.hpp"

#include <algorithm>

namespace windtunnel::balance {

double effective_locality_weight(std::uint32_t weight, std::uint32_t usable_hosts,
                                 std::uint32_t hosts, std::uint32_t overprovisioning_percent) {
  if (hosts == 0) {
    return 0;
  }
  const double usable = 1.0 * usable_hosts / hosts;
  return weight * std::min(1.0, overprovisioning_percent / 100.0 * usable);
}

LocalityScheduler::LocalityScheduler(std::span<const double> weights, std::uint64_t turns_ahead)
    : queue_(weights.size()), weights_(weights.begin(), weights.end()) {
  for (Slot locality = 0; locality < weights.size(); ++locality) {
    if (weights[locality] > 0) {
      queue_.push(locality, 1 / weights[locality]);
    }
  }
  for (std::uint64_t turn = 0; turn < turns_ahead; ++turn) {
    static_cast<void>(pick());
  }
}

std::optional<std::uint32_t> LocalityScheduler::pick() {
  if (queue_.empty()) {
    return std::nullopt;
  }
  const Slot due = queue_.top().slot;
  now_ = queue_.top().key;
  queue_.replace_top(now_ + 1 / weights_[due]);
  return due;
}

}  // namespace windtunnel::balance
