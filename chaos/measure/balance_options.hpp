// What "balanced" means to balance_convergence and reversion: the settings that the scenario's
// `recovery.balance` block may change.
#pragma once

#include <chrono>

#include "chaos/measure/amount.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

struct BalanceOptions {
  Ratio distance = Ratio::of(10, 100);         ///< Largest total variation from the target.
  Duration window = std::chrono::seconds{1};   ///< Length of every window looked at; positive.
  Duration sustain = std::chrono::seconds{5};  ///< How long every window must be so; ≥ `window`.

  friend bool operator==(const BalanceOptions&, const BalanceOptions&) = default;
};

}  // namespace windtunnel::chaos
