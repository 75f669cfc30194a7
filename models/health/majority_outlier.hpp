// An outlier test of our own that still works when many hosts are bad. Mean − 1.9σ cannot eject k
// equally bad hosts of n once k/n ≥ 1/(1 + 1.9²) = 21.7 %: the bad ones drag the mean down and
// widen σ to hide themselves. Here every host is compared with every other, and one is an outlier
// when it is significantly worse than half of the rest.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/balance/endpoint.hpp"

namespace windtunnel::health {

struct MajorityOutlierOptions {
  /// The chance that a sweep over hosts of equal quality ejects anybody at all.
  double false_alarm = 0.01;
  /// The share of the other hosts that an outlier must be worse than.
  double share = 0.5;
  /// Differences smaller than this are significant at high volume, and harmless.
  double difference_min_percent = 5;
  std::uint64_t request_volume = 50;  ///< Hosts with fewer are neither judged nor compared with.
  std::uint32_t minimum_hosts = 3;
};

struct HostSample {
  balance::EndpointId endpoint{};
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;
};

struct MajorityOutlier {
  balance::EndpointId endpoint{};
  double failure_percent = 0;
  std::uint32_t better_hosts = 0;  ///< Of which it is significantly worse.
  std::uint32_t needed = 0;
};

/// Why the bounds hold. A host is beaten by another if Fisher's one-sided exact test says so at
/// level a = false_alarm·share/n. The test is exact, so a good host is beaten by another good host
/// with probability at most a; bad hosts never beat it. It expects at most (n−1)·a beatings and is
/// ejected at share·(n−1) of them: by Markov's inequality with probability at most a/share, and any
/// of n hosts with at most n·a/share = false_alarm. No estimate of a baseline is involved, whose
/// selection would bias it. Conversely k bad hosts are all caught, given enough requests, as long
/// as the good ones are a share of the rest: n − k ≥ share·(n−1). With one half that is half of the
/// hosts, and no good host is caught instead when it is more.
class MajorityOutlierTest {
 public:
  explicit MajorityOutlierTest(const MajorityOutlierOptions& options);

  /// The outliers among `samples`, worst first and ties by endpoint; valid until the next
  /// call. At most n² comparisons, each constant for hosts that do not differ; keeps its memory.
  [[nodiscard]] std::span<const MajorityOutlier> find(std::span<const HostSample> samples);

  /// How many of `hosts` − 1 others an outlier must be worse than.
  [[nodiscard]] std::uint32_t needed(std::size_t hosts) const;

 private:
  [[nodiscard]] bool is_worse(const HostSample& judged, const HostSample& other,
                              double log_level) const;

  MajorityOutlierOptions options_;
  std::vector<HostSample> judged_;
  std::vector<MajorityOutlier> found_;
};

}  // namespace windtunnel::health
