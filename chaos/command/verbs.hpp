// The verbs of the command line. Each prints to standard output and returns the exit code; BadInput
// is its caller's to show.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "chaos/command/terminal.hpp"

namespace windtunnel::chaos {

/// First and last seed, both included.
struct SeedRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

/// Reads "A..B" (A <= B, at most a million seeds); says what is wrong where it cannot.
[[nodiscard]] std::variant<SeedRange, std::string> parse_seed_range(std::string_view text);

struct RunSettings {
  std::vector<std::string> files;
  std::vector<std::string> overrides;
  std::optional<std::uint64_t> seed;
  std::optional<SeedRange> seeds;
  unsigned jobs = 1;
  std::string json_file;
  std::string csv_file;
  bool checks_determinism = false;
  ColourChoice colour = ColourChoice::automatic;
};

/// Runs each file and returns the exit code of the worst verdict.
[[nodiscard]] int run_command(const RunSettings& settings);

struct PlanSettings {
  std::string file;
  std::vector<std::string> overrides;
  std::optional<std::uint64_t> seed;
  bool as_json = false;
};

/// Prints the plan of one seed: for people, or as a scenario file that says exactly this run.
[[nodiscard]] int plan_command(const PlanSettings& settings);

/// Checks every file and reports all problems.
[[nodiscard]] int check_command(const std::vector<std::string>& files,
                                const std::vector<std::string>& overrides);

/// Names the scenarios of a directory, with what they are about.
[[nodiscard]] int list_command(const std::string& directory);

}  // namespace windtunnel::chaos
