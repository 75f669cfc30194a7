// check(): a programmer's mistake, found at run time in every build. It throws ProgrammingError,
// which nothing catches but the place where a run ends; that place reports the seed and the tail of
// the journal with it.
#pragma once

#include <source_location>
#include <stdexcept>
#include <string_view>

namespace windtunnel {

/// A broken precondition or invariant of our own code; never a consequence of user input or of a
/// simulated fault.
class ProgrammingError : public std::logic_error {
 public:
  ProgrammingError(std::string_view why, const std::source_location& where);
};

[[noreturn]] void fail_check(std::string_view why, const std::source_location& where);

/// Ends the run with `why` unless `condition` holds.
inline void check(bool condition, std::string_view why,
                  const std::source_location& where = std::source_location::current()) {
  if (!condition) [[unlikely]] {
    fail_check(why, where);
  }
}

}  // namespace windtunnel
