// Eureka's self-preservation: when too many renewals fail to arrive at once, it is more likely that
// the network is at fault than that so many instances died, and nothing expires until they are
// back. A choice of staleness for availability, and therefore off unless asked for; unlike
// Eureka's, it can be given a bound.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/instant.hpp"

namespace windtunnel::kv {

/// Defaults of Netflix Eureka 1.10 (DefaultEurekaServerConfig: renewalPercentThreshold,
/// expectedClientRenewalIntervalSeconds; MeasuredRate counts whole minutes).
struct SelfPreservationOptions {
  /// Below this share of the renewals expected, in thousandths, nothing expires.
  std::uint32_t threshold_permille = 850;
  Duration renewal_interval = std::chrono::seconds{30};
  Duration window = std::chrono::minutes{1};
  /// After this long in one piece, leases expire all the same. Eureka has no such bound.
  Duration lasts_max = Duration::max();
};

class SelfPreservation {
 public:
  /// Counting starts now: for two windows nothing is judged, since no whole one has been seen.
  SelfPreservation(SelfPreservationOptions options, Instant now);

  void renewed(Instant now);
  /// Whether leases may expire now, `leases` being how many there are. One sweep may then take at
  /// most evictions_max of them.
  [[nodiscard]] bool may_expire(Instant now, std::size_t leases);
  /// As many as leave the threshold's share of `leases` in place; at least one.
  [[nodiscard]] std::size_t evictions_max(std::size_t leases) const;
  [[nodiscard]] bool is_preserving() const { return since_.has_value(); }

 private:
  void roll(Instant now);

  SelfPreservationOptions options_;
  Instant window_began_;
  std::uint64_t counting_ = 0;
  std::uint64_t last_window_ = 0;
  std::int64_t windows_ = 0;  // Whole ones, since counting began.
  std::optional<Instant> since_;
};

}  // namespace windtunnel::kv
