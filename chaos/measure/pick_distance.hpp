// How far the picks in a moving window are from their target: the total variation of a PickTally,
// found with less work where all instances should have the same share.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "chaos/measure/pick_tally.hpp"

namespace windtunnel::chaos {

/// Adding and removing are O(1) and follow the rules of PickTally.
class PickDistance {
 public:
  explicit PickDistance(const PickTarget& target);

  void add(const OperationRecord& operation);
  void remove(const OperationRecord& operation);

  [[nodiscard]] std::uint64_t all() const { return tally_.all(); }
  [[nodiscard]] const PickTarget& target() const { return tally_.target(); }

  /// PickTally::total_variation(), on the same side of `bound` as that, and equal but for rounding.
  /// O(the largest number of picks) where the target is even, O(instances) otherwise and close to
  /// the bound. Precondition: not empty.
  [[nodiscard]] double compared_with(double bound) const;

 private:
  void move_instance(std::uint64_t from, std::uint64_t to);
  [[nodiscard]] double from_even() const;

  PickTally tally_;
  // By number of picks, up to `many_` or more: how many instances have so many. Where there are
  // many picks by instance, or the target is not even, the plain sum is as good.
  std::uint64_t many_;
  std::vector<std::uint64_t> instances_with_;
};

inline void PickDistance::move_instance(std::uint64_t from, std::uint64_t to) {
  --instances_with_[std::min(from, many_)];
  ++instances_with_[std::min(to, many_)];
}

inline void PickDistance::add(const OperationRecord& operation) {
  if (const std::uint64_t picks = tally_.add(operation); picks > 0) {
    move_instance(picks - 1, picks);
  }
}

inline void PickDistance::remove(const OperationRecord& operation) {
  if (const std::uint64_t picks = tally_.remove(operation); picks > 0) {
    move_instance(picks, picks - 1);
  }
}

}  // namespace windtunnel::chaos
