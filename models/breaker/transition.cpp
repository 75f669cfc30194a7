#include "models/breaker/transition.hpp"

#include "runtime/check.hpp"

namespace windtunnel::breaker {

std::string_view name_of(State state) {
  switch (state) {
    case State::closed:
      return "closed";
    case State::open:
      return "open";
    case State::half_open:
      return "half_open";
    case State::forced_open:
      return "forced_open";
    case State::forced_closed:
      return "forced_closed";
    case State::metrics_only:
      return "metrics_only";
  }
  fail_check("a breaker's state has a name", std::source_location::current());
}

std::string_view name_of(Cause cause) {
  switch (cause) {
    case Cause::error_ratio:
      return "error_ratio";
    case Cause::slow_ratio:
      return "slow_ratio";
    case Cause::consecutive_errors:
      return "consecutive_errors";
    case Cause::error_count:
      return "error_count";
    case Cause::open_interval_over:
      return "open_interval_over";
    case Cause::trial_passed:
      return "trial_passed";
    case Cause::trial_failed:
      return "trial_failed";
    case Cause::forced:
      return "forced";
    case Cause::released:
      return "released";
  }
  fail_check("a transition's cause has a name", std::source_location::current());
}

}  // namespace windtunnel::breaker
