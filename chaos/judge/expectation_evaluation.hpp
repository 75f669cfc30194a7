// Holding one measured value against one expectation. Which value an expectation means is
// judgement.hpp's business.
#pragma once

#include <optional>
#include <string>

#include "chaos/judge/expectation.hpp"
#include "chaos/judge/verdict.hpp"
#include "chaos/measure/fault_group.hpp"
#include "chaos/measure/measure_value.hpp"

namespace windtunnel::chaos {

struct Evaluation {
  Expectation expectation;
  std::string name;                  ///< "control_plane.recovery_time@leader-loss".
  std::optional<TimeWindow> window;  ///< Absent where the window itself could not be found.
  MeasureValue observed;
  Verdict verdict = Verdict::inconclusive;
  std::string explanation;  ///< Why not `pass`, or why `pass` without an amount; empty otherwise.

  /// "≤ 3 s"; "never" for an invariant.
  [[nodiscard]] std::string bound_text() const;
};

/// Fills `verdict` and `explanation` from the rest. An amount is compared with the bound. A
/// censored value is infinite: it misses any upper bound and keeps a lower one. A value unknown but
/// for a lower bound fails where that alone breaks the expectation. Anything else is no evidence,
/// which is `on_empty`, by default inconclusive. A gate that is not met makes the run inconclusive
/// and never fails it.
[[nodiscard]] Evaluation evaluated(Evaluation evaluation);

}  // namespace windtunnel::chaos
