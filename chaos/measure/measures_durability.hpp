// Measures over the final reads: what was acknowledged and is gone.
#pragma once

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// Acknowledged writes that the final reads did not find; n is what they looked for.
[[nodiscard]] MeasureValue lost_acked(const FinalReadsRecord& reads);

/// The same for one fault: of the lost writes, those acknowledged between the fault before it and
/// the one after it. A write lost between two faults counts for both, because the final reads
/// cannot tell which of them lost it.
[[nodiscard]] MeasureValue lost_acked_around(const FaultGroup& group,
                                             const FinalReadsRecord& reads);

/// injected_at − acknowledgement of the oldest write counted by lost_acked_around; zero where
/// nothing was lost, or only what was acknowledged later.
[[nodiscard]] MeasureValue rpo_time(const FaultGroup& group, const FinalReadsRecord& reads);

[[nodiscard]] MeasureValue indeterminate_visible(const FinalReadsRecord& reads);

}  // namespace windtunnel::chaos
