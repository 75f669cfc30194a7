// Fuzzes everything between a scenario's bytes and its plan. The input is a scenario, optionally
// followed by a line "%%" and a `--set` argument. Whatever loads must plan, and its plan must load
// again to an equal plan.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "chaos/scenario/scenario.hpp"
#include "runtime/check.hpp"

namespace {

using namespace windtunnel::chaos;  // NOLINT(google-build-using-namespace): this file is the fuzzer
                                    // alone.

void check_errors(const LoadedScenario& loaded) {
  windtunnel::check(loaded.scenario.has_value() == loaded.errors.empty(),
                    "a scenario loads exactly where it has no errors");
  for (const InputError& error : loaded.errors) {
    windtunnel::check(!error.found.empty() && !error.expected.empty(),
                      "an error says what was found and what was expected");
    static_cast<void>(error_text(error));
  }
}

void check_plan(const Scenario& scenario) {
  Plan plan;
  try {
    plan = make_plan(scenario, scenario.seed());
  } catch (const BadInput&) {
    return;  // Values drawn from ranges may contradict each other.
  }
  static_cast<void>(plan_text(plan));
  const LoadedScenario again = load_scenario(parse_source(plan_json(plan), "plan"));
  windtunnel::check(again.scenario.has_value(), "a plan loads as a scenario");
  windtunnel::check(make_plan(*again.scenario, plan.seed) == plan, "a plan loads to an equal plan");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const std::size_t separator = input.find("\n%%");
  Source source = parse_source(input.substr(0, separator), "fuzz");
  if (separator != std::string::npos) {
    apply_override(source, std::string_view{input}.substr(separator + 3));
  }
  const LoadedScenario loaded = load_scenario(source);
  check_errors(loaded);
  if (loaded.scenario) {
    check_plan(*loaded.scenario);
  }
  return 0;
}
