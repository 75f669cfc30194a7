// A concurrency limit by the ratio of the long-term to the current round-trip time.
#pragma once

#include <cstdint>

#include "models/breaker/concurrency_limit.hpp"

namespace windtunnel::breaker {

struct Gradient2LimitOptions {
  std::uint32_t initial = 20;
  std::uint32_t minimum = 20;
  std::uint32_t maximum = 200;
  /// How much of each new estimate is taken over.
  double smoothing = 0.2;
  /// By how much the limit may grow while round trips stay short: the queue it tolerates.
  double queue_size = 4;
  /// Round trips may be this much above the long-term average before the limit shrinks.
  double rtt_tolerance = 1.5;
  /// Of the long-term average, in samples: a new one weighs 2 / (n + 1).
  std::uint32_t long_window = 600;
};

/// Gradient2Limit of Netflix concurrency-limits 0.5 (Gradient2Limit.java, ExpAvgMeasurement.java).
/// The long-term average is a plain mean over its first ten samples; where it is more than twice
/// the current round trip it shrinks by 5 %, so that it recovers from a long overload.
///
/// Averages rather than minima: meant for one sample per window, that is behind WindowedLimit.
class Gradient2Limit final : public ConcurrencyLimit {
 public:
  explicit Gradient2Limit(const Gradient2LimitOptions& options);

  [[nodiscard]] std::uint32_t limit(Instant /*now*/) override {
    return static_cast<std::uint32_t>(estimate_);
  }
  void observe(const LimitSample& sample) override;

  /// The limit before it is rounded down.
  [[nodiscard]] double estimate() const { return estimate_; }
  /// The long-term average, in nanoseconds.
  [[nodiscard]] double long_rtt() const { return long_rtt_; }

 private:
  void average_in(double rtt);

  Gradient2LimitOptions options_;
  double estimate_;
  double long_rtt_ = 0;
  double warm_up_sum_ = 0;
  std::uint32_t warm_up_count_ = 0;
};

}  // namespace windtunnel::breaker
