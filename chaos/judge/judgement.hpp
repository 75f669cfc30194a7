// The judgement of one run: its measures, every expectation held against them, and the verdict with
// its reasons.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "chaos/judge/expectation.hpp"
#include "chaos/judge/expectation_evaluation.hpp"
#include "chaos/judge/verdict.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/measure/measures_table.hpp"
#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// Something that weighs on the verdict beside the expectations: a fault that touched nothing, a
/// breach that no expectation names, a gate that the runner found unmet.
struct Finding {
  Verdict verdict = Verdict::inconclusive;
  std::string what;
};

/// A value of its own; it does not refer to the record.
struct Judgement {
  Verdict verdict = Verdict::inconclusive;  ///< The worst of all evaluations and findings.
  std::vector<Evaluation> evaluations;      ///< In the order of the expectations.
  std::vector<Finding> findings;
  std::vector<FaultMeasures> faults;
  MeasureTable table;  ///< Holds the windows that expectations asked for as well.
  TimeWindow steady;
  std::optional<Duration> baseline;
};

/// How the window of an expectation on a measure is called in tables and CSV columns: "" for the
/// whole run, "leader-loss" for the stretch after a fault, "leader-loss/during",
/// "leader-loss/until-40s", "steady" for a gate.
[[nodiscard]] std::string window_name(const Expectation& expectation);

/// What an expectation with `over_seeds` means in one run: `judged_later` leaves it to the
/// campaign, `judged_alone` takes the run for a campaign of one.
enum class OverSeeds : std::uint8_t { judged_alone, judged_later };

struct JudgementOptions {
  MeasureOptions measures;
  OverSeeds over_seeds = OverSeeds::judged_alone;
};

/// A run that expects nothing is inconclusive.
[[nodiscard]] Judgement judge(const RunRecord& record, const std::vector<Expectation>& expectations,
                              const JudgementOptions& options = {});

/// Everything in the judgement that is not a pass, one line each; empty where the verdict is
/// `pass`.
[[nodiscard]] std::vector<std::string> reasons_of(const Judgement& judgement);

/// Why the gates do not hold, one line each, judged from what happened up to `record.ended_at`;
/// empty where the faults may be injected. The record may lack whatever has not ended yet.
[[nodiscard]] std::vector<std::string> missed_gates(const RunRecord& record,
                                                    const std::vector<Expectation>& expectations,
                                                    const MeasureOptions& options = {});

}  // namespace windtunnel::chaos
