#include "models/proxy/latency_buckets.hpp"

#include <algorithm>
#include <numeric>

#include "runtime/check.hpp"

namespace windtunnel::proxy {

void add_to(LatencyCounts& counts, LatencyBucket bucket, std::uint64_t count) {
  const auto at = std::lower_bound(
      counts.begin(), counts.end(), bucket,
      [](const LatencyCount& c, LatencyBucket wanted) { return c.bucket < wanted; });
  if (at != counts.end() && at->bucket == bucket) {
    at->count += count;
  } else if (count > 0) {
    counts.insert(at, {bucket, count});
  }
}

std::uint64_t total_of(const LatencyCounts& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const LatencyCount& c) { return sum + c.count; });
}

std::uint64_t count_above(const LatencyCounts& counts, LatencyBucket bucket) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [&](std::uint64_t sum, const LatencyCount& c) {
                           return sum + (c.bucket > bucket ? c.count : 0);
                         });
}

LatencyBucket percentile_of(const LatencyCounts& counts, std::uint32_t percent) {
  const std::uint64_t rank = std::max<std::uint64_t>((total_of(counts) * percent + 99) / 100, 1);
  std::uint64_t seen = 0;
  for (const LatencyCount& counted : counts) {
    seen += counted.count;
    if (seen >= rank) {
      return counted.bucket;
    }
  }
  check(false, "a percentile is asked of some latencies");
  return 0;
}

}  // namespace windtunnel::proxy
