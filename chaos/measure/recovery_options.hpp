// The predicate that says "the service is back": the settings of recovery_time, as the scenario's
// `recovery` block may change them.
#pragma once

#include <chrono>

#include "chaos/measure/amount.hpp"
#include "chaos/measure/balance_options.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

struct RecoveryOptions {
  Ratio success_ratio = Ratio::of(99, 100);  ///< Least share of successes in a window.
  double latency_factor = 2;                 ///< Largest p99 of a window, in baselines.
  Duration window =
      std::chrono::milliseconds{100};          ///< Length of every window looked at; positive.
  Duration sustain = std::chrono::seconds{5};  ///< How long every window must be good; ≥ `window`.
  Duration steady =
      std::chrono::seconds{10};  ///< The baseline is taken this long before the first fault.
  BalanceOptions balance{};

  friend bool operator==(const RecoveryOptions&, const RecoveryOptions&) = default;
};

}  // namespace windtunnel::chaos
