// The unit that measures are taken for: all strikes of one timeline entry, and the stretch of the
// run that is theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chaos/measure/record.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// A half-open stretch of true time, [from, to).
struct TimeWindow {
  TrueInstant from;
  TrueInstant to;

  [[nodiscard]] bool contains(TrueInstant at) const { return from <= at && at < to; }
  [[nodiscard]] Duration length() const { return to - from; }
  friend bool operator==(const TimeWindow&, const TimeWindow&) = default;
};

/// The strikes of one timeline entry.
struct FaultGroup {
  std::string id;
  std::string kind;
  std::string detail;       ///< Of the first strike.
  TrueInstant injected_at;  ///< First strike.
  TimeWindow window;  ///< From injected_at to the next group's, later one, or the end of the run.
  TrueInstant preceded_at;  ///< The previous group's injected_at, or the start of the run.
  std::optional<TrueInstant> effective_at;  ///< First message or operation touched by any strike.
  std::optional<TrueInstant>
      ended_at;  ///< End of the last strike; absent if one outlasted the run.
  std::uint64_t touched = 0;
  std::vector<FaultRecord> strikes;  ///< By injected_at.

  /// From the first strike to the end of the last one, or of the run.
  [[nodiscard]] TimeWindow during(TrueInstant end_of_run) const {
    return {.from = injected_at, .to = ended_at.value_or(end_of_run)};
  }
};

/// The groups of a run by injected_at; ties keep the order of the record.
[[nodiscard]] std::vector<FaultGroup> fault_groups(const RunRecord& record);

/// "20 s … 50 s".
[[nodiscard]] std::string to_text(const TimeWindow& window);

}  // namespace windtunnel::chaos
