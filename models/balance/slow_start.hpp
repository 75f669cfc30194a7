// Slow start as in Envoy 1.31 (EdfLoadBalancerBase::applySlowStartFactor in
// source/extensions/load_balancing_policies/common/load_balancer_impl.cc): an endpoint that has
// just become healthy takes a growing share of its weight.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::balance {

struct SlowStartSpec {
  Duration window{};        ///< Zero switches it off.
  double aggression = 1;    ///< Above 1 the share grows fast at first; positive.
  double share_min = 0.10;  ///< Envoy's min_weight_percent.
};

/// When which endpoint started, kept over snapshots by whoever makes the policies; must outlive
/// them. A new fleet in which everybody is warming is not slowed down at all: shares are relative.
class SlowStart {
 public:
  explicit SlowStart(SlowStartSpec spec);

  /// `endpoint` joined, or became healthy again.
  void enter(EndpointId endpoint, Instant now);

  /// The share of its weight that `endpoint` may take, in (0, 1]: the elapsed share of the window
  /// to the power 1 / aggression, at least `share_min`. The elapsed time counts in whole
  /// milliseconds and is 1 ms at least; Envoy's documentation says 1 s, its code does not.
  [[nodiscard]] double share(EndpointId endpoint, Instant now) const;

  /// Whether the window of `endpoint` is open; at its very end it still is, though the share is
  /// full by then.
  [[nodiscard]] bool is_warming(EndpointId endpoint, Instant now) const;

 private:
  [[nodiscard]] std::optional<std::int64_t> elapsed_milliseconds(EndpointId endpoint,
                                                                 Instant now) const;

  SlowStartSpec spec_;
  std::vector<std::optional<Instant>> entered_;  ///< By endpoint id.
};

}  // namespace windtunnel::balance
