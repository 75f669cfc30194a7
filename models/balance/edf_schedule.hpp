// Earliest deadline first over weighted slots, as in Envoy 1.31
// (source/common/upstream/edf_scheduler.h): a slot of weight w is due every 1/w; equal deadlines go
// in the order they were set. Weights may be fractions and may change from pick to pick.
#pragma once

#include <cstdint>
#include <span>

#include "models/balance/slot_queue.hpp"

namespace windtunnel::balance {

class EdfSchedule {
 public:
  /// As it stands after `picks` picks under constant weights, so that choosers which start together
  /// are out of step; all but the last few are computed, not made. Like Envoy, `picks` counts
  /// modulo 429'496'729. Weights are positive.
  EdfSchedule(std::span<const double> weights, std::uint32_t picks);

  /// The slot that is due, which comes back 1 / `weight_of(slot)` from now. O(log n). Precondition:
  /// there are slots.
  template <typename WeightOf>
  Slot pick(WeightOf&& weight_of) {
    const Slot slot = queue_.top().slot;
    time_ = queue_.top().key;
    const double weight = weight_of(slot);
    check(weight > 0, "a scheduled weight is positive");
    queue_.replace_top(time_ + 1 / weight);
    return slot;
  }

 private:
  SlotQueue<double> queue_;
  double time_ = 0;
};

}  // namespace windtunnel::balance
