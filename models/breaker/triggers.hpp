// What trips a closed breaker: a set of independent triggers, any one of which suffices.
#pragma once

#include <cstdint>
#include <optional>

#include "models/breaker/outcome.hpp"
#include "models/breaker/threshold.hpp"
#include "models/breaker/transition.hpp"

namespace windtunnel::breaker {

/// A share of the window's calls, judged once the window holds `minimum_calls`.
struct RatioTrigger {
  Threshold threshold{Share::percent(50), Reach::at_least};
  std::uint64_t minimum_calls = 1;
};

/// `count` errors: in the window, or one after another.
struct CountTrigger {
  std::uint64_t count = 5;
  std::uint64_t minimum_calls = 0;
};

/// Which ended calls are followed by a judgement. resilience4j judges after each; cockatiel,
/// opossum and gobreaker only after errors, so that a success cannot complete the minimum and trip.
enum class Judge : std::uint8_t { every_call, bad_calls_only };

struct Triggers {
  std::optional<RatioTrigger> error_ratio{};
  std::optional<RatioTrigger> slow_ratio{};
  /// Errors without a success in between, however old: the window does not bound them, only its
  /// number of calls counts for the minimum.
  std::optional<CountTrigger> consecutive_errors{};
  std::optional<CountTrigger> error_count{};
  Judge judge = Judge::every_call;

  /// The first trigger that is met, in the order above.
  [[nodiscard]] std::optional<Cause> met(const CallCounts& window,
                                         std::uint64_t errors_in_row) const;
};

}  // namespace windtunnel::breaker
