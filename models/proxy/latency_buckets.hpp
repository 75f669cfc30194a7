// Latencies counted in buckets whose widths grow with them, as metrics pipelines carry them: 32
// buckets to each doubling, so that from 32 µs up none is wider than 3.2 % of its latency.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

using LatencyBucket = std::uint32_t;

[[nodiscard]] constexpr LatencyBucket bucket_of(Duration latency) {
  constexpr std::uint32_t kBits = 5;
  const auto micros = latency.count() < 1000 ? std::uint64_t{0}
                                             : static_cast<std::uint64_t>(latency.count()) / 1000;
  if (micros < (1U << kBits)) {
    return static_cast<LatencyBucket>(micros);
  }
  const auto shift = static_cast<std::uint32_t>(std::bit_width(micros)) - kBits - 1;
  return (shift << kBits) + static_cast<LatencyBucket>(micros >> shift);
}

/// Buckets from here on are of attempts that were given up because a later one had answered: how
/// long they would have taken nobody knows. They lie above all that were answered.
inline constexpr LatencyBucket kOutrun = 1U << 16U;

[[nodiscard]] constexpr LatencyBucket outrun_bucket_of(Duration under_way) {
  return kOutrun + bucket_of(under_way);
}

/// The shortest latency that lies above the bucket; of the outrun, above what they are known for.
[[nodiscard]] constexpr Duration upper_edge(LatencyBucket bucket) {
  constexpr std::uint32_t kBits = 5;
  bucket %= kOutrun;
  const std::uint32_t shift = bucket < (2U << kBits) ? 0 : (bucket >> kBits) - 1;
  const std::uint64_t first = bucket - (shift << kBits);
  return std::chrono::microseconds{static_cast<std::int64_t>((first + 1) << shift)};
}

struct LatencyCount {
  LatencyBucket bucket = 0;
  std::uint64_t count = 0;
  friend bool operator==(const LatencyCount&, const LatencyCount&) = default;
};
BOOST_DESCRIBE_STRUCT(LatencyCount, (), (bucket, count))

/// Ascending by bucket, none of them empty.
using LatencyCounts = std::vector<LatencyCount>;

void add_to(LatencyCounts& counts, LatencyBucket bucket, std::uint64_t count);
[[nodiscard]] std::uint64_t total_of(const LatencyCounts& counts);
/// How many lie in buckets above `bucket`.
[[nodiscard]] std::uint64_t count_above(const LatencyCounts& counts, LatencyBucket bucket);
/// The bucket that the smallest latency lies in which at most `percent` % are not above.
/// Precondition: there is one.
[[nodiscard]] LatencyBucket percentile_of(const LatencyCounts& counts, std::uint32_t percent);

}  // namespace windtunnel::proxy
