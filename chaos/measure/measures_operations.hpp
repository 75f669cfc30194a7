// Measures over the client operations of one window: availability, latency, outage. Each is a pure
// function of the operations it is given.
#pragma once

#include <optional>

#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/operations_by_time.hpp"

namespace windtunnel::chaos {

/// Successes among the operations whose fate is known. An operation that the end of the run cut
/// short counts as a failure once it is older than `client_timeout` and does not count at all
/// before.
[[nodiscard]] MeasureValue availability(Operations operations, Duration client_timeout);

/// Nearest-rank percentile of the latency of successful writes; 100 is the maximum. What failed has
/// no latency: read it beside the availability.
[[nodiscard]] MeasureValue write_latency(Operations operations, unsigned percent);

/// The same of all successes, of whatever kind.
[[nodiscard]] MeasureValue latency(Operations operations, unsigned percent);

/// Attempts per operation, as a ratio: 150 % is three attempts for two operations.
[[nodiscard]] MeasureValue attempts(Operations operations);

/// Operations whose client gave up without knowing whether they took effect.
[[nodiscard]] MeasureValue indeterminate(Operations operations);

/// End of the last bad operation − start of the first one (not counted before `from`); bad is an
/// error or slower than `client_timeout`. Zero where operations ran and none was bad; censored
/// where the last bad one never ended.
[[nodiscard]] MeasureValue outage(Operations operations, TrueInstant from, Duration client_timeout);

/// The longest outage that a single client saw.
[[nodiscard]] MeasureValue worst_client_outage(Operations operations, TrueInstant from,
                                               Duration client_timeout);

/// The longest time that any operation took, however it ended. Censored where that one was
/// unfinished, or took as long as the fault itself lasted (then only the end of the fault may have
/// ended it).
[[nodiscard]] MeasureValue max_op_latency(Operations operations,
                                          std::optional<Duration> fault_length);

/// End of the first success to end, among `operations`, − `from`.
[[nodiscard]] MeasureValue first_success(Operations operations, TrueInstant from);
[[nodiscard]] std::optional<TrueInstant> first_success_at(Operations operations);

}  // namespace windtunnel::chaos
