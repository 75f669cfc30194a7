// One endpoint's latency as peak EWMA sees it: it jumps to every peak and comes down from it with
// time (Finagle's PeakEwma.scala; tower's and Linkerd's peak_ewma.rs).
#pragma once

#include <algorithm>

#include "runtime/instant.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::balance {

/// Nanoseconds. Observations come at uneven times, so the weight of the past follows the time that
/// went by: exp(-elapsed / decay).
class PeakEwmaCost {
 public:
  PeakEwmaCost() = default;
  PeakEwmaCost(Instant now, Duration initial)
      : stamp_(now), cost_(static_cast<double>(initial.count())) {}

  void observe(Instant now, Duration latency, Duration decay) {
    const double observed = static_cast<double>(std::max(latency, Duration::zero()).count());
    const Duration elapsed = std::max(now - stamp_, Duration::zero());
    stamp_ = std::max(stamp_, now);
    if (observed > cost_) {
      cost_ = observed;
    } else if (elapsed > Duration::zero()) {
      const double past =
          portable_exp(-static_cast<double>(elapsed.count()) / static_cast<double>(decay.count()));
      cost_ = cost_ * past + observed * (1 - past);
    }
  }

  /// Reading is observing a latency of zero: an endpoint that nothing is sent to becomes attractive
  /// again.
  [[nodiscard]] double read(Instant now, Duration decay) {
    observe(now, Duration::zero(), decay);
    return cost_;
  }

 private:
  Instant stamp_{};
  double cost_ = 0;
};

}  // namespace windtunnel::balance
