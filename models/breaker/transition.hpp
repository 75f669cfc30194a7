// What a breaker reports when it changes state: from where to where, why, and the numbers that
// decided it.
#pragma once

#include <cstdint>
#include <string_view>

#include "models/breaker/outcome.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// `forced_closed` admits everything and counts nothing (resilience4j DISABLED); `metrics_only`
/// admits everything and counts it, but never trips.
enum class State : std::uint8_t {
  closed,
  open,
  half_open,
  forced_open,
  forced_closed,
  metrics_only
};

enum class Cause : std::uint8_t {
  error_ratio,
  slow_ratio,
  consecutive_errors,
  error_count,
  open_interval_over,
  trial_passed,
  trial_failed,
  forced,    ///< An operator asked for a forced state.
  released,  ///< An operator asked for `closed`.
};

struct Transition {
  Instant at{};
  State from{};
  State to{};
  Cause cause{};
  CallCounts counts;                     ///< Of the window, or of the trial where one was decided.
  std::uint64_t consecutive_errors = 0;  ///< Before the change.
  std::uint32_t trips_in_row = 0;        ///< Openings since the breaker was last closed.
  Duration open_interval{};              ///< How long `open` lasts; zero for every other target.
};

[[nodiscard]] std::string_view name_of(State state);
[[nodiscard]] std::string_view name_of(Cause cause);

}  // namespace windtunnel::breaker
