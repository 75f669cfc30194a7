// What the measures of one window need to know of its operations, found in two passes over them
// however many measures there are, and without a copy.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "chaos/measure/latency_counts.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// The bad among some operations: from the start of the first one to the end of the last one.
struct BadStretch {
  TrueInstant from = TrueInstant::max();
  TrueInstant to = TrueInstant::min();
  bool is_hung = false;  ///< The last one never ended.

  void add(const OperationRecord& bad);
  [[nodiscard]] bool is_empty() const { return from == TrueInstant::max(); }
};

/// An error, or slower than `patience`.
[[nodiscard]] inline bool is_bad(const OperationRecord& operation, Duration patience) {
  return latency_of(operation) > patience || operation.outcome == OperationOutcome::failed ||
         operation.outcome == OperationOutcome::indeterminate;
}

/// Nearest ranks.
struct LatencyRanks {
  Duration p50{};
  Duration p99{};
  Duration largest{};
};

/// Which of the operations that succeeded have their latencies ranked.
enum class Timed : std::uint8_t { all, writes };

struct SummaryOptions {
  Duration patience{};  ///< An operation that took longer is bad.
  Timed timed = Timed::all;
};

struct OperationsSummary {
  std::uint64_t invoked = 0;    ///< In the window.
  std::uint64_t in_flight = 0;  ///< When it opened.
  // Of those invoked:
  std::uint64_t succeeded = 0;
  std::uint64_t known = 0;  ///< All but the unfinished ones that may still have become a success.
  std::uint64_t ended = 0;
  std::uint64_t attempts = 0;  ///< Of those that ended.
  std::uint64_t indeterminate = 0;
  std::uint64_t timed = 0;  ///< How many `latency` is of; without any it says nothing.
  LatencyRanks latency;
  // Of those in flight as well:
  BadStretch bad;
  Duration slowest = Duration::min();
  bool is_slowest_unfinished = false;

  [[nodiscard]] std::uint64_t touching() const { return in_flight + invoked; }
};

/// Adds up the operations of one window: those in flight first, then those invoked in it.
class OperationsSum {
 public:
  explicit OperationsSum(const SummaryOptions& options) : options_(options) {}

  void add_in_flight(const OperationRecord& operation);
  void add(const OperationRecord& operation);

  /// `invoked` are those that were added, once more.
  [[nodiscard]] OperationsSummary summary(Operations invoked) const;

 private:
  void add_to_worst(const OperationRecord& operation);
  [[nodiscard]] bool is_timed(const OperationRecord& operation) const {
    return operation.outcome == OperationOutcome::ok &&
           (options_.timed == Timed::all || operation.kind == OperationKind::write);
  }

  SummaryOptions options_;
  OperationsSummary summary_;
  std::array<std::uint64_t, 4> by_outcome_{};  // Of those invoked.
  LatencyCounts latencies_;
};

[[nodiscard]] OperationsSummary summary_of(const OperationsByTime& operations, TimeWindow window,
                                           const SummaryOptions& options);

inline void OperationsSum::add_to_worst(const OperationRecord& operation) {
  const Duration latency = latency_of(operation);
  if (is_bad(operation, options_.patience)) {
    summary_.bad.add(operation);
  }
  if (latency > summary_.slowest) {
    summary_.slowest = latency;
    summary_.is_slowest_unfinished = operation.outcome == OperationOutcome::unfinished;
  }
}

inline void OperationsSum::add_in_flight(const OperationRecord& operation) {
  ++summary_.in_flight;
  add_to_worst(operation);
}

inline void OperationsSum::add(const OperationRecord& operation) {
  if (is_timed(operation)) {
    latencies_.add(latency_of(operation));
    summary_.latency.largest = std::max(summary_.latency.largest, latency_of(operation));
  }
  ++by_outcome_[static_cast<std::size_t>(operation.outcome)];
  summary_.attempts += operation.attempts;
  if (operation.outcome == OperationOutcome::unfinished) {
    summary_.attempts -= operation.attempts;
    summary_.known += latency_of(operation) > options_.patience ? 1U : 0U;
  }
  add_to_worst(operation);
}

}  // namespace windtunnel::chaos
