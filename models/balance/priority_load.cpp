#include "models/balance/priority_load.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

/// How much a priority can carry, in percent of what it is provisioned for.
struct PriorityHealth {
  std::uint32_t healthy = 0;
  std::uint32_t degraded = 0;
};

std::uint32_t scaled_percent(std::uint64_t part, std::uint64_t total, std::uint32_t factor) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(100, factor * part / total));
}

PriorityHealth health_of(const PriorityHosts& hosts, const PriorityOptions& options) {
  if (hosts.hosts == hosts.excluded) {
    return {};
  }
  const HealthWeights weights = hosts.weights.value_or(
      HealthWeights{hosts.healthy, hosts.degraded, hosts.hosts - hosts.excluded});
  if (weights.total == 0) {
    return {};
  }
  return {scaled_percent(weights.healthy, weights.total, options.overprovisioning_percent),
          scaled_percent(weights.degraded, weights.total, options.overprovisioning_percent)};
}

/// Hands out `left` percent by health, the first priority first, and returns what remains.
std::uint32_t distribute(std::span<const PriorityHealth> healths,
                         std::uint32_t PriorityHealth::*health, std::vector<PriorityLoad>& loads,
                         std::uint32_t PriorityLoad::*load, std::uint32_t left,
                         std::uint32_t total_health) {
  for (std::size_t i = 0; i < healths.size(); ++i) {
    loads[i].*load = std::min(left, healths[i].*health * 100 / total_health);
    left -= loads[i].*load;
  }
  return left;
}

/// What rounding left over goes to the first with healthy hosts, else with degraded ones.
void give_remainder(std::span<const PriorityHealth> healths, std::vector<PriorityLoad>& loads,
                    std::uint32_t remainder) {
  for (std::size_t i = 0; i < healths.size(); ++i) {
    if (healths[i].healthy > 0) {
      loads[i].healthy += remainder;
      return;
    }
  }
  for (std::size_t i = 0; i < healths.size(); ++i) {
    if (healths[i].degraded > 0) {
      loads[i].degraded += remainder;
      return;
    }
  }
}

/// Everything is in panic: health is no longer believed, only the number of hosts counts. Draining
/// hosts are not asked even now.
void load_by_host_count(std::span<const PriorityHosts> priorities,
                        std::vector<PriorityLoad>& loads) {
  std::uint64_t total = 0;
  for (const PriorityHosts& hosts : priorities) {
    total += hosts.hosts - hosts.draining;
  }
  if (total == 0) {
    loads[0].healthy = 100;
    return;
  }
  std::uint32_t left = 100;
  std::optional<std::size_t> first;
  for (std::size_t i = 0; i < priorities.size(); ++i) {
    const std::uint64_t count = priorities[i].hosts - priorities[i].draining;
    if (!first && count > 0) {
      first = i;
    }
    loads[i].healthy = static_cast<std::uint32_t>(100 * count / total);
    loads[i].degraded = 0;
    left -= loads[i].healthy;
  }
  loads[*first].healthy += left;
}

}  // namespace

std::vector<PriorityLoad> priority_loads(std::span<const PriorityHosts> priorities,
                                         const PriorityOptions& options) {
  check(!priorities.empty(), "load goes to some priority");
  std::vector<PriorityLoad> loads(priorities.size());
  std::vector<PriorityHealth> healths;
  std::uint32_t total_health = 0;
  for (const PriorityHosts& hosts : priorities) {
    healths.push_back(health_of(hosts, options));
    total_health += healths.back().healthy + healths.back().degraded;
  }
  total_health = std::min(total_health, std::uint32_t{100});
  if (total_health > 0) {
    std::uint32_t left = distribute(healths, &PriorityHealth::healthy, loads,
                                    &PriorityLoad::healthy, 100, total_health);
    left = distribute(healths, &PriorityHealth::degraded, loads, &PriorityLoad::degraded, left,
                      total_health);
    give_remainder(healths, loads, left);
  } else if (options.panic_threshold_percent == 0) {
    // Nobody can take anything, and that is to be seen.
    loads[0].healthy = 100;
    return loads;
  }
  bool is_total_panic = true;
  for (std::size_t i = 0; i < priorities.size(); ++i) {
    loads[i].is_in_panic = total_health < 100 && is_below_panic_threshold(priorities[i], options);
    is_total_panic = is_total_panic && loads[i].is_in_panic;
  }
  if (is_total_panic) {
    load_by_host_count(priorities, loads);
  }
  return loads;
}

bool is_below_panic_threshold(const PriorityHosts& hosts, const PriorityOptions& options) {
  const std::uint32_t counted = hosts.hosts - hosts.excluded;
  const std::uint32_t threshold = std::min(options.panic_threshold_percent, std::uint32_t{100});
  if (counted == 0) {
    return threshold > 0;
  }
  // Two divisions and a sum in this order, as in Envoy: at a threshold they decide.
  const double healthy = 100.0 * hosts.healthy / counted;
  const double degraded = 100.0 * hosts.degraded / counted;
  return healthy + degraded < threshold;
}

PriorityChoice choose_priority(std::span<const PriorityLoad> loads, std::uint64_t hash) {
  const std::uint64_t place = hash % 100 + 1;
  std::uint64_t reached = 0;
  for (std::uint32_t i = 0; i < loads.size(); ++i) {
    reached += loads[i].healthy;
    if (place <= reached) {
      return {i, Availability::healthy};
    }
  }
  for (std::uint32_t i = 0; i < loads.size(); ++i) {
    reached += loads[i].degraded;
    if (place <= reached) {
      return {i, Availability::degraded};
    }
  }
  check(false, "the loads of all priorities sum to 100");
  return {};
}

}  // namespace windtunnel::balance
