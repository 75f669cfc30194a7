// A concurrency limit that estimates the queue at the server, after TCP Vegas.
#pragma once

#include <cstdint>

#include "models/breaker/concurrency_limit.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

struct VegasLimitOptions {
  std::uint32_t initial = 20;
  std::uint32_t maximum = 1000;
  double smoothing = 1;
  /// The shortest round trip is measured anew about every this many times the limit samples.
  std::uint32_t probe_multiplier = 30;
};

/// VegasLimit of Netflix concurrency-limits 0.5 (VegasLimit.java) with its default functions: of L
/// calls, L·(1 − shortest rtt / rtt) are taken to wait in a queue. With g = log10 of L, rounded
/// down and at least 1, the limit grows by 6g while no more than g wait, by g below 3g, and shrinks
/// by g above 6g or on a drop. A call tells nothing where less than half the limit was in use.
class VegasLimit final : public ConcurrencyLimit {
 public:
  VegasLimit(const VegasLimitOptions& options, RandomStream random);

  [[nodiscard]] std::uint32_t limit(Instant /*now*/) override {
    return static_cast<std::uint32_t>(estimate_);
  }
  void observe(const LimitSample& sample) override;

  /// Zero before the first sample.
  [[nodiscard]] Duration shortest_rtt() const { return shortest_rtt_; }

 private:
  [[nodiscard]] bool is_probe_due() const;
  [[nodiscard]] double wanted_after(const LimitSample& sample) const;

  VegasLimitOptions options_;
  RandomStream random_;
  double estimate_;
  Duration shortest_rtt_{};
  std::uint64_t samples_since_probe_ = 0;
  double probe_jitter_;  ///< In [0.5, 1), so that many limits do not probe at once.
};

}  // namespace windtunnel::breaker
