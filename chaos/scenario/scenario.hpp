// A scenario: a checked file that describes a family of runs, one per seed. A Plan is one of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "chaos/scenario/input_error.hpp"
#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

/// Made by load_scenario only, so that holding one means that the file has no errors.
class Scenario {
 public:
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const std::string& about() const { return about_; }
  /// The seed that the file asks for; 1 where it asks for none.
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  [[nodiscard]] const Source& source() const { return source_; }

 private:
  friend struct LoadedScenario load_scenario(Source source);
  Scenario(Source source, const Plan& plan)
      : source_(std::move(source)), name_(plan.name), about_(plan.about), seed_(plan.seed) {}

  Source source_;
  std::string name_;
  std::string about_;
  std::uint64_t seed_;
};

/// Either a scenario or at least one error.
struct LoadedScenario {
  std::optional<Scenario> scenario;
  std::vector<InputError> errors;  ///< All of them, in order of place.
};

/// Checks everything: keys, units, names, targets, measures. A range is checked at both of its
/// ends.
[[nodiscard]] LoadedScenario load_scenario(Source source);

/// Reads a file, applies `--set` arguments and loads it. Throws BadInput, also where the file
/// cannot be read.
[[nodiscard]] Scenario load_scenario_file(const std::string& path,
                                          std::span<const std::string> overrides = {});

/// The run of one seed. Each range draws from its own stream, keyed by its path (timeline entries
/// by id), so that a range added in one place moves no other. Throws BadInput where the values
/// drawn contradict each other, as when a fault strikes after a drawn end of the run.
[[nodiscard]] Plan make_plan(const Scenario& scenario, std::uint64_t seed);

}  // namespace windtunnel::chaos
