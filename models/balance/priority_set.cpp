#include "models/balance/priority_set.hpp"

#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

std::vector<std::vector<Endpoint>> by_priority(std::vector<Endpoint> endpoints) {
  std::vector<std::vector<Endpoint>> levels(1);
  for (Endpoint& endpoint : endpoints) {
    check(endpoint.priority <= PrioritySet::kPriorityMax, "a priority lies between 0 and 128");
    if (endpoint.priority >= levels.size()) {
      levels.resize(endpoint.priority + 1);
    }
    levels[endpoint.priority].push_back(std::move(endpoint));
  }
  return levels;
}

std::uint32_t weight_of(std::span<const LocalityWeight> weights, std::string_view zone,
                        std::uint32_t priority) {
  for (const LocalityWeight& weight : weights) {
    if (weight.zone == zone && weight.priority == priority) {
      return weight.weight;
    }
  }
  return 0;
}

LevelReach reach_of(const PriorityLoad& load, PanicMode panic) {
  if (load.is_in_panic) {
    return {.in_panic = panic == PanicMode::use_all};
  }
  return {.healthy = load.healthy > 0, .degraded = load.degraded > 0};
}

}  // namespace

PrioritySet::PrioritySet(const PrioritySetOptions& options, std::vector<Endpoint> endpoints,
                         const LocalCluster& local, const PolicyWorkshop& workshop,
                         const PrioritySet* previous)
    : options_(options) {
  check(!options.locality.zone_aware || !options.locality.weights, "zones are weighed in one way");
  lay_out(std::move(endpoints));
  for (std::uint32_t i = 0; i < levels_.size(); ++i) {
    if (previous != nullptr && i < previous->levels_.size() &&
        levels_[i].is_like(previous->levels_[i])) {
      unchanged_.push_back(i);
    } else {
      equip(levels_[i], i, workshop);
    }
  }
  weigh_zones(local);
}

void PrioritySet::adopt(PrioritySet& previous) {
  for (const std::size_t level : unchanged_) {
    std::swap(levels_[level], previous.levels_[level]);
  }
  unchanged_.clear();
}

void PrioritySet::weigh_zones(const LocalCluster& local) {
  if (const auto& zone_aware = options_.locality.zone_aware) {
    zone_routing_ = ZoneRouting{levels_[0].hosts().zones(), local, *zone_aware};
    is_local_cluster_in_panic_ = is_below_panic_threshold(local.hosts, options_.priority);
  }
}

std::optional<EndpointId> PrioritySet::pick(Instant now, const PickRequest& request,
                                            std::uint64_t place, RandomStream& random,
                                            PickCounts& counts) {
  Policy* policy = choose_policy(choose_priority(loads_, place), random, counts);
  return policy != nullptr ? policy->pick(now, request) : std::nullopt;
}

void PrioritySet::lay_out(std::vector<Endpoint> endpoints) {
  const LocalityOptions& locality = options_.locality;
  const std::string_view local_zone =
      locality.zone_aware ? std::string_view{locality.zone_aware->local_zone} : std::string_view{};
  std::vector<HostSet> sets;
  std::vector<PriorityHosts> counts;
  for (std::vector<Endpoint>& members : by_priority(std::move(endpoints))) {
    const bool by_zone = locality.weights || (locality.zone_aware && sets.empty());
    sets.emplace_back(std::move(members), by_zone ? ZoneLayout::grouped : ZoneLayout::ignored,
                      local_zone);
    counts.push_back(sets.back().counts());
    if (options_.health_basis == HealthBasis::hosts) {
      counts.back().weights.reset();
    }
  }
  loads_ = priority_loads(counts, options_.priority);
  for (std::size_t i = 0; i < sets.size(); ++i) {
    levels_.emplace_back(std::move(sets[i]), reach_of(loads_[i], options_.panic));
  }
}

void PrioritySet::equip(PriorityLevel& level, std::uint32_t priority,
                        const PolicyWorkshop& workshop) {
  level.make_policies(workshop);
  if (const auto& configured = options_.locality.weights) {
    std::vector<std::uint32_t> weights;
    for (const ZoneCapacity& zone : level.hosts().zones()) {
      weights.push_back(weight_of(*configured, zone.zone, priority));
    }
    level.make_turns(weights, options_.priority.overprovisioning_percent, workshop.random);
  }
}

Policy* PrioritySet::choose_policy(const PriorityChoice& choice, RandomStream& random,
                                   PickCounts& counts) {
  PriorityLevel& level = levels_[choice.priority];
  if (loads_[choice.priority].is_in_panic) {
    ++counts.in_panic;
    return level.in_panic();
  }
  std::optional<std::size_t> zone;
  if (options_.locality.weights) {
    zone = level.take_turn(choice.availability);
  } else if (is_routed_by_zone(choice, random)) {
    if (!is_local_cluster_in_panic_) {
      zone = choose_zone(random, counts);
    } else if (options_.panic == PanicMode::fail) {
      return nullptr;
    }
  }
  // Zones are weighed by their healthy endpoints, so the one chosen may have no degraded ones.
  // Envoy has no host for the request then; here it goes to the others.
  Policy* in_zone = zone ? level.in_zone(*zone, choice.availability) : nullptr;
  return in_zone != nullptr ? in_zone : level.whole(choice.availability);
}

bool PrioritySet::is_routed_by_zone(const PriorityChoice& choice, RandomStream& random) const {
  return choice.priority == 0 && zone_routing_.mode() != ZoneRouting::Mode::off &&
         random.below(100) < options_.locality.zone_aware->routing_percent;
}

std::size_t PrioritySet::choose_zone(RandomStream& random, PickCounts& counts) const {
  const std::size_t zone = zone_routing_.choose(random);
  const bool is_local =
      levels_[0].hosts().zones()[zone].zone == options_.locality.zone_aware->local_zone;
  ++(is_local ? counts.local_zone : counts.other_zone);
  return zone;
}

}  // namespace windtunnel::balance
