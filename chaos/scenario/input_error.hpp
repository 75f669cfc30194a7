// What is wrong with an input, where, and what would be right. One InputError per problem; readers
// collect all of them.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace windtunnel::chaos {

/// Where a piece of input stands: in a file, or in an argument of the command line (then `line` is
/// 0).
struct Place {
  std::string file;          ///< The file's name, or the argument, as in "--set seed=x".
  std::uint32_t line = 0;    ///< From 1.
  std::uint32_t column = 0;  ///< From 1, counted in characters (Unicode code points), not in bytes.

  friend bool operator==(const Place&, const Place&) = default;
};

/// One problem. The texts are fragments that fit behind "found" and "expected".
struct InputError {
  Place place;
  std::string pointer;  ///< RFC 6901 pointer to the value; empty for the document as a whole.
  std::string found;
  std::string expected;
  std::string nearest;  ///< What was probably meant; empty where nothing comes near.

  friend bool operator==(const InputError&, const InputError&) = default;
};

/// `file:line:column: /pointer: found F; expected E; did you mean "N"?`
[[nodiscard]] std::string error_text(const InputError& error);

/// Orders by place: arguments first, then by line and column; problems of one place keep their
/// order.
void sort_by_place(std::vector<InputError>& errors);

/// Input that cannot be used, for callers that cannot go on; what() is one line per problem.
class BadInput : public std::runtime_error {
 public:
  explicit BadInput(std::vector<InputError> errors);

  [[nodiscard]] const std::vector<InputError>& errors() const { return errors_; }

 private:
  std::vector<InputError> errors_;
};

}  // namespace windtunnel::chaos
