#include "chaos/measure/measures_durability.hpp"

#include <algorithm>
#include <optional>

namespace windtunnel::chaos {

namespace {

std::optional<MeasureValue> why_unknown(const FinalReadsRecord& reads) {
  if (!reads.completed) {
    return no_evidence(reads.why_not.empty() ? "the final reads did not complete" : reads.why_not);
  }
  if (reads.acked == 0) {
    return no_evidence("no write was acknowledged");
  }
  return std::nullopt;
}

std::vector<TrueInstant> lost_around(const FaultGroup& group, const FinalReadsRecord& reads) {
  const TimeWindow around{.from = group.preceded_at, .to = group.window.to};
  std::vector<TrueInstant> lost;
  std::ranges::copy_if(reads.lost_acked_at, std::back_inserter(lost),
                       [&](TrueInstant at) { return around.contains(at); });
  return lost;
}

}  // namespace

MeasureValue lost_acked(const FinalReadsRecord& reads) {
  if (const auto unknown = why_unknown(reads)) {
    return *unknown;
  }
  return measured(Count{reads.acked - std::min(reads.visible, reads.acked)}, reads.acked);
}

MeasureValue lost_acked_around(const FaultGroup& group, const FinalReadsRecord& reads) {
  if (const auto unknown = why_unknown(reads)) {
    return *unknown;
  }
  return measured(Count{lost_around(group, reads).size()}, reads.acked);
}

MeasureValue rpo_time(const FaultGroup& group, const FinalReadsRecord& reads) {
  if (const auto unknown = why_unknown(reads)) {
    return *unknown;
  }
  const std::vector<TrueInstant> lost = lost_around(group, reads);
  if (lost.empty()) {
    return measured(Duration::zero(), reads.acked);
  }
  const Duration back = group.injected_at - std::ranges::min(lost);
  return measured(std::max(back, Duration::zero()), reads.acked);
}

MeasureValue indeterminate_visible(const FinalReadsRecord& reads) {
  if (!reads.completed) {
    return *why_unknown(reads);
  }
  return measured(Count{reads.indeterminate_visible}, reads.indeterminate);
}

}  // namespace windtunnel::chaos
