// A run's operations in the order of their invocation, so that any window of them is found by
// binary search.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// By invoked_at, ascending.
using Operations = std::span<const OperationRecord>;

/// Refers to the operations it was made from, which must outlive it. They are in order but where a
/// client was held up and made later what was due earlier: then a sorted copy stands in for them.
class OperationsByTime {
 public:
  /// O(n), and O(n log n) where they are out of order.
  explicit OperationsByTime(const std::vector<OperationRecord>& operations);
  OperationsByTime(const OperationsByTime&) = delete;
  OperationsByTime& operator=(const OperationsByTime&) = delete;
  OperationsByTime(OperationsByTime&&) = default;
  OperationsByTime& operator=(OperationsByTime&&) = default;
  ~OperationsByTime() = default;

  /// An operation belongs to the instant at which it was invoked, however late it ended: what it
  /// met is then charged to the state of the service that it found.
  [[nodiscard]] Operations invoked_in(TimeWindow window) const;

  /// Invoked earlier and not ended before.
  [[nodiscard]] std::vector<OperationRecord> in_flight_at(TrueInstant at) const;

  /// Copies of those in flight when the window opened, and of those invoked in it.
  [[nodiscard]] std::vector<OperationRecord> touching(TimeWindow window) const;

  /// Those of invoked_in() that the end of the run cut short.
  [[nodiscard]] std::vector<OperationRecord> unfinished_in(TimeWindow window) const;

 private:
  /// Whether they are in order; if so, all that is known of them is known.
  [[nodiscard]] bool survey();

  std::vector<OperationRecord> sorted_;  // Where they had to be.
  Operations operations_;
  std::vector<std::size_t> unfinished_;  // Places, ascending.
  Duration longest_{};
};

[[nodiscard]] inline Duration latency_of(const OperationRecord& operation) {
  return operation.ended_at - operation.invoked_at;
}

/// The smallest sample that at least `percent` of the samples do not exceed (nearest rank).
/// `samples` is not empty; its order is lost.
[[nodiscard]] Duration nearest_rank(std::vector<Duration>& samples, unsigned percent);

}  // namespace windtunnel::chaos
