// What a fault did to the leadership of the control plane: who stood, who was elected, and when
// commits stopped and went on. Facts of one fault group; the measures made of them are at the end.
#pragma once

#include <cstdint>
#include <optional>

#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

struct Succession {
  TrueInstant injected_at;
  std::uint64_t old_term =
      0;  ///< Highest term that had a leader before the fault; 0 where none had.
  std::uint64_t new_term =
      0;  ///< Highest term that a candidate or leader of the window reached; ≥ what it was before.
  std::uint64_t terms_advanced = 0;
  std::uint64_t candidacies = 0;  ///< In the window, pre-votes included.
  std::uint64_t split_votes =
      0;  ///< Terms in which two or more hosts stood in the window and none was ever elected.
  std::optional<CandidacyRecord> first_candidacy;  ///< In the window.
  std::optional<LeaderRecord> new_leader;          ///< First leader of a later term, in the window.
  std::optional<TrueInstant>
      last_old_commit;  ///< Of the old term, before the first one of a new term.
  std::optional<TrueInstant> first_new_commit;  ///< Of a later term, in the window.

  /// No leader followed, although the old one no longer served: it was struck or challenged, and
  /// committed nothing after the first 100 ms or the first candidacy, whichever is later.
  bool office_vacant = false;
};

[[nodiscard]] Succession succession_after(const FaultGroup& group, const RunRecord& record);

/// Fault → first candidacy.
[[nodiscard]] MeasureValue detection_time(const Succession& succession);

/// First candidacy → new leader elected.
[[nodiscard]] MeasureValue election_time(const Succession& succession);

/// Last commit of the old term → first commit of a new one.
[[nodiscard]] MeasureValue leaderless(const Succession& succession);

[[nodiscard]] MeasureValue terms_advanced(const Succession& succession);
[[nodiscard]] MeasureValue split_votes(const Succession& succession);

}  // namespace windtunnel::chaos
