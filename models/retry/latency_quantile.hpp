// A quantile of recent latencies: after which time a hedge is worth its cost ("The Tail at Scale":
// beyond the 95th percentile a second copy adds 5 % of load at most), or an attempt's timeout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::retry {

struct LatencyQuantileOptions {
  Probability quantile = Probability::of_ratio(0.95);
  Duration window = std::chrono::seconds{10};  ///< For how long a latency counts.
  std::uint32_t observations_min = 20;         ///< Below, the quantile means nothing.
  Duration before_that = std::chrono::seconds{1};
};

/// Counts latencies in buckets that are 1/32 of their value wide, from 1 µs to 71 minutes. The
/// answer is the upper edge of a bucket: never below the quantile of what counts, and above it by
/// 1/32 and 1 µs at most. Latencies expire in slices of a quarter of the window. Observing is O(1)
/// but for what the quantile moves, and O(buckets) once a slice; nothing is allocated.
class LatencyQuantile {
 public:
  explicit LatencyQuantile(const LatencyQuantileOptions& options = {});

  void observe(Instant now, Duration latency);
  [[nodiscard]] Duration at(Instant now);

 private:
  static constexpr std::size_t kSlices = 4;
  static constexpr std::size_t kBuckets = 896;
  using Counts = std::array<std::uint32_t, kBuckets>;

  [[nodiscard]] static std::size_t bucket_of(Duration latency);
  [[nodiscard]] static Duration upper_edge(std::size_t bucket);
  void advance(Instant now);
  void forget_oldest();
  void move_to_rank();

  LatencyQuantileOptions options_;
  Duration slice_;
  std::int64_t newest_ = 0;  ///< Number of the slice that takes observations.
  std::array<Counts, kSlices> slices_{};
  Counts counts_{};  ///< The slices' sum.
  std::uint64_t total_ = 0;
  std::size_t bucket_ = 0;   ///< Where the quantile lies.
  std::uint64_t below_ = 0;  ///< Observations in buckets before that.
};

}  // namespace windtunnel::retry
