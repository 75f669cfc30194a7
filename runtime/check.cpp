#include "runtime/check.hpp"

#include <string>

namespace windtunnel {

namespace {

std::string describe(std::string_view why, const std::source_location& where) {
  std::string text{where.file_name()};
  text += ':';
  text += std::to_string(where.line());
  text += ": check failed: ";
  text += why;
  return text;
}

}  // namespace

ProgrammingError::ProgrammingError(std::string_view why, const std::source_location& where)
    : std::logic_error(describe(why, where)) {}

void fail_check(std::string_view why, const std::source_location& where) {
  throw ProgrammingError(why, where);
}

}  // namespace windtunnel
