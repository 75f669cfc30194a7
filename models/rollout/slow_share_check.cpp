#include "models/rollout/slow_share_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/portable_math.hpp"

namespace windtunnel::rollout {

namespace {

constexpr double kAllowed = 0.01;
constexpr std::array kSupposed{0.015, 0.025, 0.05, 0.1, 0.25, 0.6};

/// What is held against the canary: the share that may be slow, and shares that it is not to be.
struct Shares {
  double allowed = kAllowed;
  std::array<double, kSupposed.size()> supposed = kSupposed;
};

/// Where hedges hide the P99, as many may be outrun as there were at the stable version, three
/// standard deviations and the rise more.
Shares shares_of(const SlowShareCheck& check, double rise) {
  Shares shares;
  if (check.baseline.empty()) {
    return shares;
  }
  const auto all = static_cast<double>(proxy::total_of(check.baseline));
  const auto outrun = static_cast<double>(proxy::count_above(check.baseline, *check.limit));
  constexpr double kAllowedMax = 0.9;
  shares.allowed = std::min((outrun + 3 * std::sqrt(outrun)) / all * (1 + rise), kAllowedMax);
  for (double& share : shares.supposed) {
    share = shares.allowed + (1 - shares.allowed) * share;
  }
  return shares;
}

/// The P99 cannot be told, for hedges gave up more than a hundredth.
void fix_share(SlowShareCheck& check) {
  check.limit = proxy::kOutrun - 1;
  const std::uint64_t outrun = proxy::count_above(check.baseline, *check.limit);
  const std::uint64_t answered = proxy::total_of(check.baseline) - outrun;
  check.baseline.clear();
  proxy::add_to(check.baseline, 0, answered);
  proxy::add_to(check.baseline, proxy::kOutrun, outrun);
}

void fix_limit(SlowShareCheck& check, const SlowShareOptions& options,
               const proxy::LatencyCounts& stable) {
  for (const proxy::LatencyCount& counted : stable) {
    proxy::add_to(check.baseline, counted.bucket, counted.count);
  }
  if (proxy::total_of(check.baseline) < options.baseline) {
    return;
  }
  const proxy::LatencyBucket bucket = proxy::percentile_of(check.baseline, 99);
  if (bucket >= proxy::kOutrun) {
    fix_share(check);
    return;
  }
  const Duration p99 = proxy::upper_edge(bucket);
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
  const Shares shares = shares_of(check, options.rise);
  std::array<double, kSupposed.size()> gains{};
  std::transform(shares.supposed.begin(), shares.supposed.end(), gains.begin(), [&](double share) {
    return static_cast<double>(slow) * portable_log(share / shares.allowed) +
           static_cast<double>(fast) * portable_log((1 - share) / (1 - shares.allowed));
  });
  add_to(check.evidence, gains);
  check.judged += slow + fast;
  check.slow += slow;
}

}  // namespace windtunnel::rollout
