// Envoy's adaptive concurrency: compares the latency of each short window with one measured while
// hardly anything was under way.
#pragma once

#include <cstdint>

#include "models/breaker/concurrency_limit.hpp"
#include "models/breaker/decimal_histogram.hpp"
#include "runtime/random.hpp"

namespace windtunnel::breaker {

/// The defaults of envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig;
/// the two intervals have none there and are those of its documentation's example.
struct EnvoyGradientLimitOptions {
  Duration window = std::chrono::milliseconds{100};  ///< `concurrency_update_interval`.
  Duration measurement_interval = std::chrono::seconds{60};
  double measurement_jitter = 0.15;      ///< The interval grows by up to this share.
  std::uint32_t measurement_calls = 50;  ///< How many calls make a measurement.
  std::uint32_t minimum = 3;             ///< Also what may be under way while measuring.
  std::uint32_t maximum = 1000;
  double quantile = 0.5;  ///< Of a window's latencies, compared with the same of the measurement.
  double buffer = 0.25;   ///< Latency above the measured one that is not taken for a queue.
};

/// Follows GradientController (gradient_controller.cc, Envoy 1.30): each window's gradient is the
/// measured latency with its buffer over the window's, within [0.5, 2]; the new limit is
/// L·g + √(L·g). The latency is measured anew at every measurement interval, and after five
/// windows in a row at the minimum, since a wrong measurement may have led there.
///
/// Left out: PinnedGradientController, whose shortest latency is configured instead of measured.
class EnvoyGradientLimit final : public ConcurrencyLimit {
 public:
  EnvoyGradientLimit(const EnvoyGradientLimitOptions& options, RandomStream random, Instant now);

  [[nodiscard]] std::uint32_t limit(Instant now) override;
  void observe(const LimitSample& sample) override;

  [[nodiscard]] bool is_measuring() const { return is_measuring_; }
  /// The measured latency, in whole microseconds; zero before the first measurement.
  [[nodiscard]] Duration shortest_rtt() const { return shortest_rtt_; }

 private:
  void advance(Instant now);
  void begin_measurement(Instant now);
  void end_measurement(Instant now);
  void close_window(Instant now);
  [[nodiscard]] Duration take_quantile();
  [[nodiscard]] std::uint32_t next_limit(Duration window_rtt) const;

  EnvoyGradientLimitOptions options_;
  RandomStream random_;
  DecimalHistogram latencies_;
  std::uint32_t limit_;
  std::uint32_t limit_before_;  ///< While measuring: what is put back afterwards.
  bool is_measuring_ = false;
  std::uint32_t windows_at_minimum_ = 0;
  Duration shortest_rtt_{};
  Instant measuring_since_{};
  Instant next_measurement_{};
  Instant next_window_{};
};

}  // namespace windtunnel::breaker
