// A run's operations in the order of their invocation, so that any window of them is found by
// binary search.
#pragma once

#include <span>
#include <vector>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

using Operations = std::span<const OperationRecord* const>;

/// Refers to the operations it was made from, which must outlive it. Building costs one sort, O(n
/// log n).
class OperationsByTime {
 public:
  explicit OperationsByTime(const std::vector<OperationRecord>& operations);

  /// An operation belongs to the instant at which it was invoked, however late it ended: what it
  /// met is then charged to the state of the service that it found.
  [[nodiscard]] Operations invoked_in(TimeWindow window) const;

  /// Those invoked in the window, after those in flight when it opened: invoked earlier and not
  /// ended before it.
  [[nodiscard]] std::vector<const OperationRecord*> touching(TimeWindow window) const;

 private:
  std::vector<const OperationRecord*> operations_;
  Duration longest_{};
};

[[nodiscard]] inline Duration latency_of(const OperationRecord& operation) {
  return operation.ended_at - operation.invoked_at;
}

/// The smallest sample that at least `percent` of the samples do not exceed (nearest rank).
/// `samples` is not empty; its order is lost.
[[nodiscard]] Duration nearest_rank(std::vector<Duration>& samples, unsigned percent);

}  // namespace windtunnel::chaos
