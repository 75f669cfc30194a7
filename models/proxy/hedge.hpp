// What all hedged calls of one route share: after which time a second copy goes out, and how many
// copies may. One call's copies are retry::Hedging's business, sending them HedgedCall's.
#pragma once

#include <memory>
#include <optional>

#include "models/proxy/hedge_settings.hpp"
#include "models/retry/budget.hpp"
#include "models/retry/hedging.hpp"
#include "models/retry/latency_quantile.hpp"

namespace windtunnel::proxy {

class Hedge {
 public:
  explicit Hedge(const HedgeSettings& settings);

  /// For a call that begins now. No copy has longer than `attempt_timeout` before the next.
  [[nodiscard]] retry::HedgingOptions options(Instant now, Duration attempt_timeout);
  /// Null where copies are not limited over calls.
  [[nodiscard]] retry::Budget* budget() { return budget_.get(); }

  /// How long a call's first copy took, or how long it had been under way when it was given up for
  /// a faster one. Copies after the first do not count, nor does the winner instead: the quantile
  /// of the first copies is the share of calls that are hedged, whatever hedging does to latency.
  void observe_first(Instant now, Duration latency);

 private:
  retry::HedgingOptions options_;
  std::unique_ptr<retry::LatencyQuantile> quantile_;  ///< 18 KB, so only where it is asked for.
  std::unique_ptr<retry::Budget> budget_;
};

}  // namespace windtunnel::proxy
