#include "models/balance/host_set.hpp"

#include <algorithm>
#include <tuple>

namespace windtunnel::balance {

namespace {

/// The best first; draining last, so that everybody else is one stretch.
int rank_of(EndpointHealth health) {
  switch (health) {
    case EndpointHealth::healthy:
      return 0;
    case EndpointHealth::degraded:
      return 1;
    case EndpointHealth::unhealthy:
      return 2;
    case EndpointHealth::draining:
      break;
  }
  return 3;
}

bool is_same(const Endpoint& left, const Endpoint& right) {
  const auto fields = [](const Endpoint& of) {
    return std::tie(of.id, of.health, of.weight, of.priority, of.zone, of.address, of.labels);
  };
  return fields(left) == fields(right);
}

/// The stretch of `endpoints`, grouped by zone, that lies in `zone`.
std::span<const Endpoint> part_in_zone(std::span<const Endpoint> endpoints, std::string_view zone) {
  const auto is_there = [&](const Endpoint& endpoint) { return endpoint.zone == zone; };
  const auto first = std::find_if(endpoints.begin(), endpoints.end(), is_there);
  const auto last = std::find_if_not(first, endpoints.end(), is_there);
  return {first, last};
}

}  // namespace

HostSet::HostSet(std::vector<Endpoint> endpoints, ZoneLayout layout, std::string_view local_zone)
    : endpoints_(std::move(endpoints)) {
  std::erase_if(endpoints_, [](const Endpoint& endpoint) { return endpoint.weight == 0; });
  lay_out(layout, local_zone);
  count();
  if (layout == ZoneLayout::grouped) {
    divide_by_zone(local_zone);
  }
}

bool HostSet::has_same_endpoints(const HostSet& other) const {
  return std::equal(endpoints_.begin(), endpoints_.end(), other.endpoints_.begin(),
                    other.endpoints_.end(), is_same);
}

void HostSet::lay_out(ZoneLayout layout, std::string_view local_zone) {
  const auto place = [&](const Endpoint& endpoint) {
    const bool by_zone = layout == ZoneLayout::grouped;
    return std::tuple{rank_of(endpoint.health), by_zone && endpoint.zone != local_zone,
                      by_zone ? std::string_view{endpoint.zone} : std::string_view{}};
  };
  std::stable_sort(
      endpoints_.begin(), endpoints_.end(),
      [&](const Endpoint& left, const Endpoint& right) { return place(left) < place(right); });
}

void HostSet::count() {
  HealthWeights weights;
  for (const Endpoint& endpoint : endpoints_) {
    ++counts_.hosts;
    weights.total += endpoint.weight;
    switch (endpoint.health) {
      case EndpointHealth::healthy:
        ++counts_.healthy;
        weights.healthy += endpoint.weight;
        break;
      case EndpointHealth::degraded:
        ++counts_.degraded;
        weights.degraded += endpoint.weight;
        break;
      case EndpointHealth::draining:
        ++counts_.draining;
        break;
      case EndpointHealth::unhealthy:
        break;
    }
  }
  counts_.weights = weights;
  const std::span<const Endpoint> all{endpoints_};
  healthy_ = all.first(counts_.healthy);
  degraded_ = all.subspan(counts_.healthy, counts_.degraded);
  in_panic_ = all.first(counts_.hosts - counts_.draining);
}

void HostSet::divide_by_zone(std::string_view local_zone) {
  std::vector<std::string_view> names;
  for (const Endpoint& endpoint : endpoints_) {
    names.push_back(endpoint.zone);
  }
  const auto is_before = [&](std::string_view left, std::string_view right) {
    return std::pair{left != local_zone, left} < std::pair{right != local_zone, right};
  };
  std::sort(names.begin(), names.end(), is_before);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  for (const std::string_view name : names) {
    ZoneCapacity& zone = zones_.emplace_back();
    zone.zone = name;
    zone.hosts = static_cast<std::uint32_t>(
        std::count_if(endpoints_.begin(), endpoints_.end(),
                      [&](const Endpoint& endpoint) { return endpoint.zone == name; }));
    const ZoneParts& parts = zone_parts_.emplace_back(
        ZoneParts{part_in_zone(healthy_, name), part_in_zone(degraded_, name)});
    zone.healthy = static_cast<std::uint32_t>(parts.healthy.size());
    for (const Endpoint& endpoint : parts.healthy) {
      zone.healthy_weight += endpoint.weight;
    }
  }
}

}  // namespace windtunnel::balance
