// Reads the data-driven test format of cockroachdb/datadriven: comments, a command with arguments,
// a line "----", the expected output up to an empty line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace windtunnel::raft {

/// "1", "drop=(2,3)", "checkquorum=true": an argument without values is its own name.
struct Argument {
  std::string name;
  std::vector<std::string> values;
};

struct DataCase {
  int line = 0;
  std::string command;
  std::vector<Argument> arguments;
  std::string expected;

  /// The values of the argument `name`; none if it is not given.
  [[nodiscard]] std::vector<std::string> values_of(std::string_view name) const;
  /// Arguments that are plain numbers, in order.
  [[nodiscard]] std::vector<unsigned> numbers() const;
};

[[nodiscard]] std::vector<DataCase> read_cases(const std::string& path);

}  // namespace windtunnel::raft
