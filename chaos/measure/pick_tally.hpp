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

  void add(const OperationRecord& operation);
  void remove(const OperationRecord& operation);

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
  /// Moves `stretch` on to the one that `at` is in.
  void follow(TrueInstant at, std::size_t& stretch) const;

  const PickTarget* target_;
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> of_stretch_;
  std::uint64_t all_ = 0;
  std::size_t adding_in_ = 0;
  std::size_t removing_in_ = 0;
};

}  // namespace windtunnel::chaos
