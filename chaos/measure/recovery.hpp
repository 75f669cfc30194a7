// recovery_time: the earliest instant from which the service is good and stays good, found exactly.
// What happened on the way there is recovery_chain.hpp's business.
//
// A window is good when, of the operations invoked in it, at least `success_ratio` succeeded and at
// least 99 % of the successes took no longer than `latency_factor` baselines (their nearest-rank
// p99 is within that limit). It is bad when one of the two is violated, and silent when nothing was
// invoked in it. The service has recovered at t when every window [s, s + window) that lies in [t,
// t + sustain] is good, for every nanosecond s.
//
// Only windows that lie in the fault's own window count; if that closes before t + sustain, the
// answer is unknown. A silent window is neither good nor bad: where the answer depends on what it
// would have been, it is unknown as well.
#pragma once

#include <optional>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/recovery_options.hpp"

namespace windtunnel::chaos {

/// The steady stretch before the first fault, `steady` long or from the first commit of the run;
/// before the end of the run where nothing struck.
[[nodiscard]] TimeWindow steady_window(const RunRecord& record,
                                       const std::vector<FaultGroup>& groups, Duration steady);

/// The largest p99 latency that any window of the steady stretch reached: windows of length
/// `window`, side by side, counted back from the fault; of each, the nearest rank among the
/// successes that ended before the fault. Absent without any. It is the p99 of windows, not of the
/// stretch: a window of twenty operations has its slowest one for a p99, and against the p99 of ten
/// seconds a service that suffered nothing would keep failing the predicate by chance.
[[nodiscard]] std::optional<Duration> baseline_latency(const OperationsByTime& operations,
                                                       TimeWindow steady, Duration window);

/// min t − within.from, from the definition above. O(n) in the operations of the window. Censored
/// where no window was good to the end; no evidence where the baseline is missing, the window
/// closed too early, or silence decides.
[[nodiscard]] MeasureValue recovery_time(const OperationsByTime& operations, TimeWindow within,
                                         std::optional<Duration> baseline,
                                         const RecoveryOptions& options);

}  // namespace windtunnel::chaos
