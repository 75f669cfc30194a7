// A histogram of durations in fixed memory with a bounded relative error, after HdrHistogram: the
// octaves of a binary logarithm, each cut into equally wide parts.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::client {

/// Counts nanoseconds up to 2^43 (2.4 hours; longer ones count as that). Below 256 ns exact; above,
/// a quantile is at most 1/128 (0.8 %) too high and never too low: the layout of HdrHistogram with
/// two significant digits and the unit 1. Some 37 KB; recording is O(1) and allocates nothing.
class LatencyHistogram {
 public:
  LatencyHistogram();

  /// Negative durations count as zero.
  void record(Duration value) { record_many(value, 1); }
  void record_many(Duration value, std::uint64_t times);
  /// As if everything recorded there had been recorded here. Exact.
  void merge(const LatencyHistogram& other);
  void clear();

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// Exact, as are the extremes; zero where nothing was recorded.
  [[nodiscard]] Duration mean() const;
  [[nodiscard]] Duration min() const { return count_ == 0 ? Duration{} : min_; }
  [[nodiscard]] Duration max() const { return max_; }

  /// The least value that `quantile` (in [0, 1]) of all values do not exceed, rounded up to the
  /// upper edge of its part but not above max(). Zero where nothing was recorded.
  [[nodiscard]] Duration quantile(double quantile) const;
  /// How many values are in parts that lie wholly above `limit`.
  [[nodiscard]] std::uint64_t count_above(Duration limit) const;

  friend bool operator==(const LatencyHistogram&, const LatencyHistogram&) = default;

 private:
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::int64_t sum_ = 0;
  Duration min_ = Duration::max();
  Duration max_{};
};

}  // namespace windtunnel::client
