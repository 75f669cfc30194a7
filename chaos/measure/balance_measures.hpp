// How evenly requests were spread over the instances of a service, and how long it took until they
// were. Each request counts once, by the instance that its first attempt went to.
#pragma once

#include "chaos/measure/balance_options.hpp"
#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/operations_by_time.hpp"
#include "chaos/measure/pick_tally.hpp"

namespace windtunnel::chaos {

[[nodiscard]] PickTally tally_of(Operations operations, const PickTarget& target);

/// The largest share over the fair share, of the instances that have a fair share: 100 % is even,
/// 150 % is one instance with half as much again as it should have. Known in parallel computing as
/// the imbalance factor, maximum over mean.
[[nodiscard]] MeasureValue largest_over_fair(const PickTally& tally);

/// Jain's fairness index (Jain, Chiu and Hawe, "A Quantitative Measure of Fairness and
/// Discrimination for Resource Allocation in Shared Computer Systems", DEC-TR-301, 1984) of each
/// instance's picks over its fair share: 1 is even, 1/n is all on one of n.
[[nodiscard]] MeasureValue jain_index(const PickTally& tally);

/// min t − within.from such that in every window [s, s + window) that lies in [t, t + sustain] the
/// total variation between the picks and the target is at most `distance`, for every nanosecond s.
///
/// A window says nothing where it has no picks, or so few that picks at random would on average be
/// further away than `distance`: n instances are sqrt(n / 2πN) away from even after N such picks.
/// Where the answer depends on such a window it is unknown. Censored where it did not happen.
///
/// A pick moves the distance by at most 2 / N, so it is computed only as often as it may have
/// crossed the bound: far from it, O(instances) once in some N picks.
[[nodiscard]] MeasureValue balance_convergence(const OperationsByTime& operations,
                                               const PickTarget& target, TimeWindow within,
                                               const BalanceOptions& options);

}  // namespace windtunnel::chaos
