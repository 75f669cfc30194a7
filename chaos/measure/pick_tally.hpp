// Picks counted by instance, beside what a target would have had of as many. Every pick is held
// against the target of its own moment, so a tally may span a change of target.
#pragma once

#include <cstdint>
#include <vector>

#include "chaos/measure/pick_target.hpp"

namespace windtunnel::chaos {

/// Adding and removing are O(1). Operations come in the order of their invocation, and go in the
/// same one; those that picked none of the instances do not count. The target must outlive it. A
/// pick at a time when nobody runs counts for the picks, and for no share.
class PickTally {
 public:
  explicit PickTally(const PickTarget& target);

  /// How many picks the instance has with this one; 0 where it does not count.
  std::uint64_t add(const OperationRecord& operation);
  /// How many it had, this one included.
  std::uint64_t remove(const OperationRecord& operation);

  [[nodiscard]] std::uint64_t all() const { return all_; }
  [[nodiscard]] const PickTarget& target() const { return *target_; }
  /// In the order of the instances.
  [[nodiscard]] const std::vector<std::uint64_t>& counts() const { return counts_; }
  /// What the target gives an instance of the picks that were made.
  [[nodiscard]] double fair(std::size_t place) const;

  /// Half the sum of the differences between the observed shares and the target's; 0 is equality, 1
  /// has nothing in common. O(instances). Precondition: not empty.
  [[nodiscard]] double total_variation() const;

 private:
  /// The stretch of the target that the operations have come to on one side.
  struct Edge {
    std::size_t stretch = 0;
    TrueInstant until = TrueInstant::min();  ///< Another one may have begun then.
  };

  void follow(TrueInstant at, Edge& edge) const;

  const PickTarget* target_;
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> of_stretch_;
  std::uint64_t all_ = 0;
  Edge adding_;
  Edge removing_;
};

inline std::uint64_t PickTally::add(const OperationRecord& operation) {
  const std::size_t place = target_->place_of(operation.picked);
  if (place == counts_.size()) {
    return 0;
  }
  if (operation.invoked_at >= adding_.until) {
    follow(operation.invoked_at, adding_);
  }
  ++of_stretch_[adding_.stretch];
  ++all_;
  return ++counts_[place];
}

inline std::uint64_t PickTally::remove(const OperationRecord& operation) {
  const std::size_t place = target_->place_of(operation.picked);
  if (place == counts_.size()) {
    return 0;
  }
  if (operation.invoked_at >= removing_.until) {
    follow(operation.invoked_at, removing_);
  }
  --of_stretch_[removing_.stretch];
  --all_;
  return counts_[place]--;
}

}  // namespace windtunnel::chaos
