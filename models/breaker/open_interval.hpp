// How long a breaker stays open: longer each time the trial after it fails, up to a limit, and
// spread so that many breakers do not try again at once.
#pragma once

#include <cstdint>

#include "models/breaker/threshold.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

struct OpenIntervalOptions {
  Duration first = std::chrono::seconds{60};
  /// The factor from one opening to the next while no trial passes; 1 keeps the interval constant.
  double growth = 1;
  Duration longest = std::chrono::minutes{10};
  /// The interval is drawn from (1 ± jitter) times its value, both before the limit `longest`; that
  /// is resilience4j's IntervalFunction.ofExponentialRandomBackoff, whose default is one half.
  Share jitter{0, 100};
};

/// Grows from opening to opening; start() begins anew.
class OpenInterval {
 public:
  explicit OpenInterval(const OpenIntervalOptions& options);

  /// The interval of the next opening. Draws from `random` only where there is jitter.
  [[nodiscard]] Duration next(RandomStream& random);
  /// A trial has passed: the next opening is the first again.
  void start() { openings_ = 0; }
  [[nodiscard]] std::uint32_t openings() const { return openings_; }

 private:
  OpenIntervalOptions options_;
  std::uint32_t openings_ = 0;
  double nanoseconds_ = 0;  ///< Of the last opening, before jitter.
};

}  // namespace windtunnel::breaker
