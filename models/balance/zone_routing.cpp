#include "models/balance/zone_routing.hpp"

#include <algorithm>
#include <map>

#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

constexpr std::uint64_t kWhole = 10'000;

std::uint64_t amount(const ZoneCapacity& zone, ZoneBasis basis) {
  return basis == ZoneBasis::healthy_hosts ? zone.healthy : zone.healthy_weight;
}

std::uint64_t total(std::span<const ZoneCapacity> zones, ZoneBasis basis) {
  std::uint64_t sum = 0;
  for (const ZoneCapacity& zone : zones) {
    sum += amount(zone, basis);
  }
  return sum;
}

const ZoneCapacity* find_zone(std::span<const ZoneCapacity> zones, std::string_view name) {
  const auto found = std::find_if(zones.begin(), zones.end(),
                                  [&](const ZoneCapacity& zone) { return zone.zone == name; });
  return found == zones.end() ? nullptr : &*found;
}

std::uint64_t share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : kWhole * part / whole;
}

bool is_worth_routing(std::span<const ZoneCapacity> upstream, const LocalCluster& local,
                      const ZoneAwareOptions& options) {
  if (upstream.size() < 2) {
    return false;
  }
  if (!options.stay_local_hosts_min && local.zones.size() < 2) {
    return false;
  }
  // Proxies that do not know of this one do not count on it either.
  if (find_zone(local.zones, options.local_zone) == nullptr) {
    return false;
  }
  return total(upstream, ZoneBasis::healthy_hosts) >= options.healthy_hosts_min;
}

}  // namespace

LocalCluster LocalCluster::of(std::span<const Endpoint> proxies) {
  LocalCluster cluster;
  std::map<std::string, ZoneCapacity> zones;
  for (const Endpoint& proxy : proxies) {
    ZoneCapacity& zone = zones[proxy.zone];
    zone.zone = proxy.zone;
    ++zone.hosts;
    ++cluster.hosts.hosts;
    if (proxy.health == EndpointHealth::healthy) {
      ++zone.healthy;
      zone.healthy_weight += proxy.weight;
      ++cluster.hosts.healthy;
    } else if (proxy.health == EndpointHealth::degraded) {
      ++cluster.hosts.degraded;
    }
  }
  for (auto& [name, zone] : zones) {
    cluster.zones.push_back(std::move(zone));
  }
  return cluster;
}

ZoneRouting::ZoneRouting(std::span<const ZoneCapacity> upstream, const LocalCluster& local,
                         const ZoneAwareOptions& options) {
  if (!is_worth_routing(upstream, local, options)) {
    return;
  }
  const std::uint64_t upstream_total = total(upstream, options.basis);
  const std::uint64_t local_total = total(local.zones, options.basis);
  std::vector<Share> shares;
  for (const ZoneCapacity& zone : upstream) {
    const ZoneCapacity* proxies = find_zone(local.zones, zone.zone);
    // Where no endpoint is healthy, none of the proxies' traffic can stay, so none is counted.
    const std::uint64_t local_amount =
        zone.healthy == 0 || proxies == nullptr ? 0 : amount(*proxies, options.basis);
    shares.push_back({share_of(local_amount, local_total),
                      share_of(amount(zone, options.basis), upstream_total)});
  }
  const bool has_local_zone = upstream.front().zone == options.local_zone;
  const bool has_enough = shares[0].upstream > 0 && shares[0].upstream >= shares[0].local;
  const bool is_forced =
      options.stay_local_hosts_min && upstream.front().healthy >= *options.stay_local_hosts_min;
  if (has_local_zone && (has_enough || is_forced)) {
    mode_ = Mode::all_local;
    return;
  }
  divide(shares, has_local_zone);
}

void ZoneRouting::divide(std::span<const Share> shares, bool has_local_zone) {
  mode_ = Mode::residual;
  if (has_local_zone && shares[0].local > 0) {
    local_share_ = shares[0].upstream * kWhole / shares[0].local;
  }
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const bool is_local = i == 0 && has_local_zone;
    if (!is_local && shares[i].upstream > shares[i].local) {
      sum += shares[i].upstream - shares[i].local;
    }
    residual_capacity_.push_back(sum);
  }
}

std::size_t ZoneRouting::choose(RandomStream& random) const {
  check(mode_ != Mode::off, "zones are chosen where routing by zone is on");
  if (mode_ == Mode::all_local || random.below(kWhole) < local_share_) {
    return 0;
  }
  // Rounding can leave no capacity at all; any zone is as good as another then.
  if (residual_capacity_.back() == 0) {
    return static_cast<std::size_t>(random.below(residual_capacity_.size()));
  }
  const std::uint64_t place = random.below(residual_capacity_.back());
  const auto zone = std::upper_bound(residual_capacity_.begin(), residual_capacity_.end(), place);
  return static_cast<std::size_t>(zone - residual_capacity_.begin());
}

}  // namespace windtunnel::balance
