// How a balancer divides load among priorities as health changes. The integer arithmetic is that of
// Envoy's LoadBalancerBase (source/extensions/load_balancing_policies/common/load_balancer_impl.cc:
// recalculatePerPriorityState, recalculatePerPriorityPanic, recalculateLoadInTotalPanic,
// choosePriority; its tests at 247ad91), not that of its documentation, whose tables round
// otherwise in places. Pure functions; the tables they give change with the endpoints, not with a
// pick.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace windtunnel::balance {

/// Stand in for the counts where health is to be measured by weight (Envoy's
/// `weighted_priority_health`). Excluded hosts weigh nothing here.
struct HealthWeights {
  std::uint64_t healthy = 0;
  std::uint64_t degraded = 0;
  std::uint64_t total = 0;
};

/// The hosts of one priority. Draining hosts are among `hosts`: what they leave undone is missing
/// capacity.
struct PriorityHosts {
  std::uint32_t hosts = 0;
  std::uint32_t healthy = 0;
  std::uint32_t degraded = 0;
  std::uint32_t excluded = 0;  ///< Not yet checked: neither good nor bad.
  std::uint32_t draining = 0;
  std::optional<HealthWeights> weights{};
};

struct PriorityOptions {
  /// Spare capacity: with 140, a priority carries its whole load until fewer than 1/1.4 of its
  /// hosts are well.
  std::uint32_t overprovisioning_percent = 140;
  /// Below this share of usable hosts, health is not believed. 0 turns panic off.
  std::uint32_t panic_threshold_percent = 50;
};

/// In whole percent. Over all priorities, healthy and degraded loads sum to 100.
struct PriorityLoad {
  std::uint32_t healthy = 0;
  std::uint32_t degraded = 0;
  bool is_in_panic = false;
  friend bool operator==(const PriorityLoad&, const PriorityLoad&) = default;
};

/// Precondition: at least one priority. O(priorities).
///
/// A priority's health is its share of healthy hosts times the overprovisioning factor, at most
/// 100. Each takes load up to its health, the first first; where all healths together are below
/// 100 they are scaled up. Degraded hosts take what is left in the same way, and what rounding
/// leaves goes to the first priority with anybody. A priority below the panic threshold panics, but
/// only where the healths sum to less than 100; if all do, load follows the number of hosts.
[[nodiscard]] std::vector<PriorityLoad> priority_loads(std::span<const PriorityHosts> priorities,
                                                       const PriorityOptions& options);

/// Whether healthy and degraded hosts together fall short of the threshold.
[[nodiscard]] bool is_below_panic_threshold(const PriorityHosts& hosts,
                                            const PriorityOptions& options);

enum class Availability : std::uint8_t { healthy, degraded };

struct PriorityChoice {
  std::uint32_t priority = 0;
  Availability availability = Availability::healthy;
  friend bool operator==(const PriorityChoice&, const PriorityChoice&) = default;
};

/// The priority in whose share of 1..100 the hash falls: first all healthy shares, then all
/// degraded ones. Equal hashes choose alike.
[[nodiscard]] PriorityChoice choose_priority(std::span<const PriorityLoad> loads,
                                             std::uint64_t hash);

}  // namespace windtunnel::balance
