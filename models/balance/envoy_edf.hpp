// What Envoy's round robin and least request share (EdfLoadBalancerBase in Envoy 1.31,
// source/extensions/load_balancing_policies/common/load_balancer_impl.cc): whether weights need a
// schedule at all, slow start, and the avoidance of hosts that were tried.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/edf_schedule.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/slow_start.hpp"

namespace windtunnel::balance {

struct EnvoySpec {
  /// None where absent. A policy that was made while an endpoint warmed keeps its schedule until
  /// the next snapshot, as in Envoy.
  const SlowStart* slow_start = nullptr;
  /// Envoy's host_selection_retry_max_attempts with the retry predicate previous_hosts: how many
  /// more times a pick may be repeated where it met a tried endpoint. Then it stands.
  std::uint32_t repicks_max = 1;
};

/// Whether Envoy would schedule these by earliest deadline: not where all weights are equal and
/// nobody is in slow start.
[[nodiscard]] inline bool needs_schedule(const EnvoySpec& spec, const Candidates& candidates,
                                         Instant now) {
  bool is_needed = !candidates.have_equal_weights();
  for (Slot slot = 0; spec.slow_start != nullptr && slot < candidates.size(); ++slot) {
    is_needed = is_needed || spec.slow_start->is_warming(candidates.id(slot), now);
  }
  return is_needed;
}

/// The schedule, where one is needed, out of step with other choosers by `picks`.
template <typename WeightOf>
[[nodiscard]] std::optional<EdfSchedule> make_schedule(const EnvoySpec& spec,
                                                       const Candidates& candidates, Instant now,
                                                       std::uint32_t picks, WeightOf&& weight_of) {
  if (!needs_schedule(spec, candidates, now)) {
    return std::nullopt;
  }
  std::vector<double> weights;
  for (Slot slot = 0; slot < candidates.size(); ++slot) {
    weights.push_back(weight_of(slot));
  }
  return EdfSchedule{weights, picks};
}

[[nodiscard]] inline double slow_start_share(const EnvoySpec& spec, EndpointId endpoint,
                                             Instant now) {
  return spec.slow_start == nullptr ? 1 : spec.slow_start->share(endpoint, now);
}

/// Picks by `pick_once()` until it meets an endpoint that was not tried or may not repeat.
template <typename PickOnce>
[[nodiscard]] std::optional<EndpointId> pick_untried(const EnvoySpec& spec,
                                                     const Candidates& candidates,
                                                     const PickRequest& request,
                                                     PickOnce&& pick_once) {
  if (candidates.empty()) {
    return std::nullopt;
  }
  EndpointId endpoint = candidates.id(pick_once());
  for (std::uint32_t repicks = 0; repicks < spec.repicks_max && was_tried(request, endpoint);
       ++repicks) {
    endpoint = candidates.id(pick_once());
  }
  return endpoint;
}

}  // namespace windtunnel::balance
