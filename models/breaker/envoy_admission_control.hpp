// Envoy's admission control filter: turns requests down with a probability that grows as the
// success rate of recent ones falls.
#pragma once

#include <cstdint>

#include "models/breaker/bucketed_sum.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

/// The defaults of envoy.extensions.filters.http.admission_control.v3.
struct EnvoyAdmissionControlOptions {
  /// The success rate below which requests are turned down.
  double success_threshold = 0.95;
  /// 1 follows the rate linearly; larger values turn more down early.
  double aggression = 1;
  /// Nothing is turned down while fewer requests than this end per second.
  std::uint64_t requests_per_second_minimum = 0;
  double rejection_maximum = 0.8;
  /// `sampling_window`, kept in buckets of one second.
  std::uint32_t window_seconds = 30;
};

/// Rejects with probability ((n − s / threshold) / (n + 1)) ^ (1 / aggression), at most the
/// maximum, over n ended requests of which s succeeded. Follows the formula
/// in the documentation of Envoy 1.29 (admission_control_filter), which counts requests as they
/// end: SreThrottle counts attempts and so needs no round trip to notice.
class EnvoyAdmissionControl {
 public:
  EnvoyAdmissionControl(const EnvoyAdmissionControlOptions& options, RandomStream random);

  /// O(1), allocates nothing.
  [[nodiscard]] bool admit(Instant now);

  enum class Result : std::uint8_t { succeeded, failed };
  /// An admitted request ended.
  void settle(Instant now, Result result);

  [[nodiscard]] double rejection_probability(Instant now);

 private:
  struct Sums {
    std::uint64_t requests = 0;
    std::uint64_t successes = 0;
    Sums& operator+=(const Sums& other);
    Sums& operator-=(const Sums& other);
  };

  EnvoyAdmissionControlOptions options_;
  BucketedSum<Sums> window_;
  RandomStream random_;
};

}  // namespace windtunnel::breaker
