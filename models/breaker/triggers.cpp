#include "models/breaker/triggers.hpp"

namespace windtunnel::breaker {

namespace {

bool is_met(const std::optional<RatioTrigger>& trigger, std::uint64_t count, std::uint64_t calls) {
  return trigger && calls > 0 && calls >= trigger->minimum_calls &&
         trigger->threshold.is_reached(count, calls);
}

bool is_met(const std::optional<CountTrigger>& trigger, std::uint64_t count,
            const CallCounts& window) {
  return trigger && window.calls >= trigger->minimum_calls && count >= trigger->count;
}

}  // namespace

std::optional<Cause> Triggers::met(const CallCounts& window, std::uint64_t errors_in_row) const {
  if (is_met(error_ratio, window.errors, window.calls)) {
    return Cause::error_ratio;
  }
  if (is_met(slow_ratio, window.slow, window.calls)) {
    return Cause::slow_ratio;
  }
  if (is_met(consecutive_errors, errors_in_row, window)) {
    return Cause::consecutive_errors;
  }
  if (is_met(error_count, window.errors, window)) {
    return Cause::error_count;
  }
  return std::nullopt;
}

}  // namespace windtunnel::breaker
