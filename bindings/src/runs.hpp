// What the bindings of scenarios, runs and campaigns share: the values that Python holds, and the
// parts of bind_runs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bindings/src/module.hpp"
#include "chaos/judge/judgement.hpp"
#include "chaos/measure/record.hpp"
#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/scenario.hpp"
#include "sim/digest.hpp"

namespace windtunnel::bindings {

/// A loaded scenario, with what it takes to load it again in another process.
struct HeldScenario {
  chaos::Scenario scenario;
  std::vector<std::string> overrides;
};

/// Everything that a run left. The address of its columns does not change once it is made: views of
/// them live as long as it does.
struct CompletedRun {
  chaos::Plan plan;
  chaos::RunRecord record;
  std::vector<sim::TracedEvent> trace;
  chaos::Judgement judgement;
  std::string replay;
};

/// Turns the exceptions of chaos/ into those of windtunnel.errors, with the same text.
void bind_errors(py::module_& module);
void bind_scenarios(py::module_& module);
void bind_completed_runs(py::module_& module);
void bind_campaigns(py::module_& module);

/// One measured value: {"value": seconds, count or share; inf, nan}, "n", "why", "at_least".
[[nodiscard]] py::dict dict_of(const chaos::MeasureValue& value);

/// "s", "count" or "ratio".
[[nodiscard]] const char* unit_of_measure(const std::string& measure);

/// The structured columns of a run, as views.
void bind_columns(py::class_<CompletedRun>& run);

}  // namespace windtunnel::bindings
