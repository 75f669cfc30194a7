#include "chaos/measure/gate_measures.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::chaos {

namespace {

MeasureValue refused_bundles(const RunRecord& record, TimeWindow window) {
  const auto in_window = [&](const GateBundleRecord& bundle) { return window.contains(bundle.at); };
  const auto seen = std::ranges::count_if(record.gate_bundles, in_window);
  const auto refused = std::ranges::count_if(record.gate_bundles, [&](const auto& bundle) {
    return in_window(bundle) && bundle.is_refused;
  });
  return seen == 0 ? no_evidence("no gate saw a new bundle")
                   : measured(Count{static_cast<std::uint64_t>(refused)},
                              static_cast<std::uint64_t>(seen));
}

}  // namespace

MeasureValue gate_measure(const RunRecord& record, std::string_view measure, TimeWindow window) {
  if (measure == "gate.refused_bundles") {
    return refused_bundles(record, window);
  }
  std::uint64_t reviewed = 0;
  std::uint64_t denied = 0;
  Duration oldest{};
  for (const GateDecisionRecord& decision : record.gate_decisions) {
    if (window.contains(decision.at)) {
      ++reviewed;
      denied += decision.is_allowed ? 0U : 1U;
      oldest = std::max(oldest, decision.age);
    }
  }
  if (reviewed == 0) {
    return no_evidence("no change was asked for");
  }
  if (measure == "gate.staleness") {
    return measured(oldest, reviewed);
  }
  check(measure == "gate.denied", "this measure of the gate is in the catalogue only");
  return measured(Count{denied}, reviewed);
}

}  // namespace windtunnel::chaos
