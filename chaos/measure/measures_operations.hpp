// Measures over the client operations of one window: availability, latency, outage. Each is a pure
// function of what it is given.
#pragma once

#include <optional>

#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/operations_summary.hpp"

namespace windtunnel::chaos {

/// Successes among the operations whose fate is known. An operation that the end of the run cut
/// short counts as a failure once it is older than the summary's patience and does not count at all
/// before.
[[nodiscard]] MeasureValue availability(const OperationsSummary& summary);

/// A nearest-rank percentile of the latency of successful writes, or the largest. What failed has
/// no latency: read it beside the availability. Precondition: the summary timed writes.
[[nodiscard]] MeasureValue write_latency(const OperationsSummary& summary,
                                         Duration LatencyRanks::*rank);

/// The same of all successes, of whatever kind.
[[nodiscard]] MeasureValue latency(const OperationsSummary& summary, Duration LatencyRanks::*rank);

/// Attempts per operation, as a ratio: 150 % is three attempts for two operations.
[[nodiscard]] MeasureValue attempts(const OperationsSummary& summary);

/// Operations whose client gave up without knowing whether they took effect.
[[nodiscard]] MeasureValue indeterminate(const OperationsSummary& summary);

/// End of the last bad operation − start of the first one (not counted before `from`). Zero where
/// operations ran and none was bad; censored where the last bad one never ended.
[[nodiscard]] MeasureValue outage(const OperationsSummary& summary, TrueInstant from);

/// The longest outage that a single client saw, among the operations that `window` touches.
[[nodiscard]] MeasureValue worst_client_outage(const OperationsByTime& operations,
                                               TimeWindow window, Duration client_timeout);

/// The longest time that any operation took, however it ended. Censored where that one was
/// unfinished, or took as long as the fault itself lasted (then only the end of the fault may have
/// ended it).
[[nodiscard]] MeasureValue max_op_latency(const OperationsSummary& summary,
                                          std::optional<Duration> fault_length);

/// End of the first success to end, among `operations`, − `from`.
[[nodiscard]] MeasureValue first_success(Operations operations, TrueInstant from);
[[nodiscard]] std::optional<TrueInstant> first_success_at(Operations operations);

}  // namespace windtunnel::chaos
