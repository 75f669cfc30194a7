// Counts of latencies in bins of two significant decimal digits of microseconds, for quantiles
// without keeping samples: what Envoy's limits look at. The histogram of reports, finer and binary,
// is client::LatencyHistogram.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// The bins of circllhist, which Envoy's adaptive concurrency uses: [10, 11), ... [99, 100),
/// [100, 110), ... so that a quantile is right within a tenth of its value. Below 10 µs every
/// microsecond has a bin; 1000 s and more share the last one.
class DecimalHistogram {
 public:
  void add(Duration latency);
  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// The latency that `share` (in [0, 1]) of the samples do not exceed, interpolated within its
  /// bin. Precondition: there are samples.
  [[nodiscard]] Duration quantile(double share) const;
  void clear();

 private:
  static constexpr std::size_t kDecades = 8;  ///< From 10 µs to 1000 s.
  static constexpr std::size_t kBins = 10 + 90 * kDecades;

  std::array<std::uint32_t, kBins> bins_{};
  std::uint64_t count_ = 0;
};

}  // namespace windtunnel::breaker
