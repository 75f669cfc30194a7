#include "models/balance/balancer.hpp"

#include <algorithm>
#include <utility>

#include <xxhash.h>

#include "runtime/check.hpp"

namespace windtunnel::balance {

Balancer::Balancer(PolicyFactory make_policy, BalancerOptions options, RandomStream random)
    : make_policy_(std::move(make_policy)), options_(std::move(options)), random_(random) {}

void Balancer::update(Instant now, std::span<const Endpoint> endpoints) {
  for (const Endpoint& endpoint : endpoints) {
    ids_known_ = std::max<std::size_t>(ids_known_, std::size_t{endpoint.id.value()} + 1);
  }
  loads_.resize(ids_known_);
  Snapshot next = build(now, endpoints);
  for (std::size_t i = 0; i < next.parts.size(); ++i) {
    if (next.predecessors[i] != nullptr) {
      next.parts[i]->adopt(*next.predecessors[i]);
    }
  }
  next.predecessors.clear();
  index_observers(next);
  snapshot_ = std::move(next);
}

void Balancer::update_local_cluster(std::span<const Endpoint> proxies) {
  local_ = LocalCluster::of(proxies);
  for (const auto& part : snapshot_.parts) {
    part->weigh_zones(local_);
  }
}

std::optional<EndpointId> Balancer::pick(Instant now, const BalanceRequest& request) {
  if (request.sticky_host) {
    if (may_stick_to(*request.sticky_host)) {
      ++counts_.sticky;
      return request.sticky_host;
    }
    if (options_.sticky == StickyMode::strict) {
      ++counts_.nobody;
      return std::nullopt;
    }
  }
  const auto picked = balance(now, request);
  if (!picked) {
    ++counts_.nobody;
  }
  return picked;
}

void Balancer::observe(Instant now, const AttemptResult& result) {
  const std::size_t id = result.endpoint.value();
  if (snapshot_.observers.empty() || id + 1 >= snapshot_.observers_from.size()) {
    return;
  }
  for (auto i = snapshot_.observers_from[id]; i < snapshot_.observers_from[id + 1]; ++i) {
    snapshot_.observers[i]->observe(now, result);
  }
}

std::span<const PriorityLoad> Balancer::priority_loads() const {
  return snapshot_.parts.empty() ? std::span<const PriorityLoad>{} : snapshot_.parts[0]->loads();
}

Balancer::Snapshot Balancer::build(Instant now, std::span<const Endpoint> endpoints) {
  Snapshot snapshot;
  snapshot.healths.resize(ids_known_);
  for (const Endpoint& endpoint : endpoints) {
    auto& health = snapshot.healths[endpoint.id.value()];
    check(!health, "an endpoint is in a snapshot once");
    health = endpoint.health;
  }
  if (!options_.subsets) {
    add_part(snapshot, now, {endpoints.begin(), endpoints.end()});
    return snapshot;
  }
  snapshot.subsets.emplace(*options_.subsets, endpoints);
  for (const std::vector<std::uint32_t>& positions : snapshot.subsets->parts()) {
    std::vector<Endpoint> members;
    for (const std::uint32_t position : positions) {
      members.push_back(endpoints[position]);
    }
    add_part(snapshot, now, std::move(members));
  }
  return snapshot;
}

void Balancer::add_part(Snapshot& snapshot, Instant now, std::vector<Endpoint> members) {
  PrioritySet* predecessor = predecessor_of(snapshot, snapshot.parts.size());
  snapshot.predecessors.push_back(predecessor);
  snapshot.parts.push_back(std::make_unique<PrioritySet>(
      options_.priorities, std::move(members), local_,
      PolicyWorkshop{make_policy_, loads_, random_, now}, predecessor));
}

PrioritySet* Balancer::predecessor_of(const Snapshot& snapshot, std::size_t part) const {
  if (snapshot_.parts.empty()) {
    return nullptr;
  }
  const auto number = snapshot.subsets ? snapshot.subsets->counterpart(part, *snapshot_.subsets)
                                       : std::optional{part};
  return number ? snapshot_.parts[*number].get() : nullptr;
}

void Balancer::index_observers(Snapshot& snapshot) {
  std::vector<std::uint32_t>& from = snapshot.observers_from;
  from.assign(snapshot.healths.size() + 1, 0);
  const auto for_each_pair = [&](auto&& visit) {
    for (const auto& part : snapshot.parts) {
      part->for_each_policy([&](std::span<const Endpoint> endpoints, Policy& policy) {
        if (policy.learns()) {
          for (const Endpoint& endpoint : endpoints) {
            visit(endpoint.id.value(), policy);
          }
        }
      });
    }
  };
  for_each_pair([&](std::uint32_t id, Policy&) { ++from[id + 1]; });
  for (std::size_t i = 1; i < from.size(); ++i) {
    from[i] += from[i - 1];
  }
  snapshot.observers.resize(from.back());
  std::vector<std::uint32_t> next = from;
  for_each_pair(
      [&](std::uint32_t id, Policy& policy) { snapshot.observers[next[id]++] = &policy; });
}

std::optional<EndpointId> Balancer::balance(Instant now, const BalanceRequest& request) {
  if (snapshot_.parts.empty()) {
    return std::nullopt;
  }
  std::size_t part = SubsetIndex::kAll;
  if (snapshot_.subsets) {
    const auto found = snapshot_.subsets->find(request.subset);
    if (!found) {
      return std::nullopt;
    }
    part = *found;
  }
  return snapshot_.parts[part]->pick(now, request.pick, place_of(request.pick), random_, counts_);
}

bool Balancer::may_stick_to(EndpointId endpoint) const {
  const std::size_t id = endpoint.value();
  return id < snapshot_.healths.size() && snapshot_.healths[id] &&
         keeps_sticky(*snapshot_.healths[id]);
}

std::uint64_t Balancer::place_of(const PickRequest& request) {
  if (options_.draw == PriorityDraw::by_key) {
    if (request.hash) {
      return *request.hash;
    }
    if (!request.key.empty()) {
      return XXH64(request.key.data(), request.key.size(), 0);
    }
  }
  return random_.next();
}

}  // namespace windtunnel::balance
