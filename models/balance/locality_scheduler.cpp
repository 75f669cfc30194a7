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

LocalityScheduler::LocalityScheduler(std::span<const double> weights, std::uint64_t turns_ahead) {
  heap_.reserve(weights.size());
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) {
      schedule(i, weights[i]);
    }
  }
  for (std::uint64_t turn = 0; turn < turns_ahead; ++turn) {
    static_cast<void>(pick());
  }
}

std::optional<std::uint32_t> LocalityScheduler::pick() {
  if (heap_.empty()) {
    return std::nullopt;
  }
  std::pop_heap(heap_.begin(), heap_.end(), is_later);
  const Entry due = heap_.back();
  heap_.pop_back();
  now_ = due.deadline;
  schedule(due.locality, due.weight);
  return due.locality;
}

bool LocalityScheduler::is_later(const Entry& left, const Entry& right) {
  return left.deadline > right.deadline ||
         (left.deadline == right.deadline && left.order > right.order);
}

void LocalityScheduler::schedule(std::uint32_t locality, double weight) {
  heap_.push_back({now_ + 1.0 / weight, scheduled_++, locality, weight});
  std::push_heap(heap_.begin(), heap_.end(), is_later);
}

}  // namespace windtunnel::balance
