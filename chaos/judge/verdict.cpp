#include "chaos/judge/verdict.hpp"

#include "runtime/check.hpp"

namespace windtunnel::chaos {

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return "pass";
    case Verdict::inconclusive:
      return "inconclusive";
    case Verdict::fail:
      return "fail";
    case Verdict::error:
      return "error";
  }
  check(false, "a verdict outside its enumeration");
  return {};
}

int exit_code(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass:
      return 0;
    case Verdict::fail:
      return 1;
    case Verdict::inconclusive:
      return 2;
    case Verdict::error:
      return 4;
  }
  check(false, "a verdict outside its enumeration");
  return 4;
}

}  // namespace windtunnel::chaos
