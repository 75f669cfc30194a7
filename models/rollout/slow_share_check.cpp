#include "models/rollout/slow_share_check.hpp"

#include <algorithm>
#include <array>

#include "runtime/portable_math.hpp"

namespace windtunnel::rollout {

namespace {

constexpr double kAllowed = 0.01;
constexpr std::array kSupposed{0.015, 0.025, 0.05, 0.1, 0.25, 0.6};

void fix_limit(SlowShareCheck& check, const SlowShareOptions& options,
               const proxy::LatencyCounts& stable) {
  for (const proxy::LatencyCount& counted : stable) {
    proxy::add_to(check.baseline, counted.bucket, counted.count);
  }
  if (proxy::total_of(check.baseline) < options.baseline) {
    return;
  }
  const Duration p99 = proxy::upper_edge(proxy::percentile_of(check.baseline, 99));
  const double limit = static_cast<double>(p99.count()) * (1 + options.rise);
  check.limit = proxy::bucket_of(Duration{static_cast<std::int64_t>(limit)});
  check.baseline.clear();
}

}  // namespace

void observe(SlowShareCheck& check, const SlowShareOptions& options,
             const proxy::LatencyCounts& stable, const proxy::LatencyCounts& canary) {
  if (!check.limit) {
    fix_limit(check, options, stable);
    return;
  }
  const std::uint64_t slow = proxy::count_above(canary, *check.limit);
  const std::uint64_t fast = proxy::total_of(canary) - slow;
  std::array<double, kSupposed.size()> gains{};
  std::transform(kSupposed.begin(), kSupposed.end(), gains.begin(), [&](double share) {
    return static_cast<double>(slow) * portable_log(share / kAllowed) +
           static_cast<double>(fast) * portable_log((1 - share) / (1 - kAllowed));
  });
  add_to(check.evidence, gains);
  check.judged += slow + fast;
  check.slow += slow;
}

}  // namespace windtunnel::rollout
