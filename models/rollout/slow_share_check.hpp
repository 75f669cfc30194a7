// Whether more than a hundredth of a version's requests take longer than a limit, which is to say:
// whether its P99 lies above the limit. Asked after every report; a version whose P99 does not is
// found guilty with probability α at most.
//
// The limit is fixed before the first latency is judged, from latencies of the stable version. From
// then on each request is slow or is not, and the test is Wald's likelihood ratio of p > 1 %
// against 1 %, mixed over a few p: a quantile reduced to a binomial as in Howard and Ramdas
// ("Sequential estimation of quantiles with applications to A/B testing and best-arm
// identification", Bernoulli 28(3), 2022, section 2). For a true share below 1 % the ratio is
// expected to fall: it rises in the number of slow requests. The claim is about the limit as it was
// fixed: that the stable P99 was estimated, and may move during the rollout, is not part of α.
//
// An attempt that a hedge outran is slower than any limit. Where that befalls more than a hundredth
// of the stable version's, as it does where hedges go out after the P95, the P99 is not known; then
// slow is who was outrun, and the share that may be is estimated from the stable version, too.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/describe/class.hpp>

#include "models/proxy/latency_buckets.hpp"
#include "models/rollout/evidence.hpp"

namespace windtunnel::rollout {

/// A value, like the test of error rates.
struct SlowShareCheck {
  proxy::LatencyCounts baseline{};  ///< Of the stable version, until the limit is fixed; then
                                    ///< empty, unless the share that may be slow is its share.
  /// A request in a bucket above this is slow; absent until it is fixed.
  std::optional<proxy::LatencyBucket> limit{};
  std::uint64_t judged = 0;
  std::uint64_t slow = 0;
  Evidence evidence{};  ///< Against "the P99 is within the limit".

  friend bool operator==(const SlowShareCheck&, const SlowShareCheck&) = default;
};
BOOST_DESCRIBE_STRUCT(SlowShareCheck, (), (baseline, limit, judged, slow, evidence))

struct SlowShareOptions {
  double rise = 0.15;             ///< Of the P99, that is allowed.
  std::uint64_t baseline = 2000;  ///< Requests of the stable version that fix the limit.
};

void observe(SlowShareCheck& check, const SlowShareOptions& options,
             const proxy::LatencyCounts& stable, const proxy::LatencyCounts& canary);

}  // namespace windtunnel::rollout
