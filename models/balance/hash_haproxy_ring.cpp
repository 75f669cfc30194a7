#include "models/balance/hash_haproxy_ring.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

constexpr std::uint32_t kPlacesPerWeight = 16;
constexpr std::uint32_t kWeightMax = 256;
constexpr std::uint32_t kPlacesMax = kWeightMax * kPlacesPerWeight;

bool is_last_tried(const PickRequest& request, EndpointId endpoint) {
  return !request.tried.empty() && request.tried.back() == endpoint;
}

}  // namespace

HaproxyRing::HaproxyRing(const HaproxyRingSpec& spec, const PolicyInput& input)
    : spec_(spec), loads_(input.loads) {
  check(spec.balance_factor == 0 || spec.balance_factor > 100,
        "a balance factor of 100 % or less leaves no room");
  std::vector<HashRing<std::uint32_t>::Point> points;
  for (const Endpoint& endpoint : input.endpoints) {
    if (endpoint.weight == 0 || endpoint.health == EndpointHealth::unhealthy) {
      continue;
    }
    check(endpoint.weight <= kWeightMax, "HAProxy's weights end at 256");
    const std::uint32_t number = endpoint.id.value() + 1;
    const auto server = static_cast<std::uint32_t>(servers_.size());
    for (std::uint32_t place = 0; place < endpoint.weight * kPlacesPerWeight; ++place) {
      points.push_back({haproxy_avalanche(number * kPlacesMax + place), server});
    }
    servers_.push_back({endpoint.id, endpoint.weight * kPlacesPerWeight,
                        points.size() - endpoint.weight * kPlacesPerWeight});
  }
  ring_ = {std::move(points), EqualPoints::keep};
}

std::optional<EndpointId> HaproxyRing::pick(Instant /*now*/, const PickRequest& request) {
  if (ring_.empty()) {
    return std::nullopt;
  }
  if (request.hash) {
    return walk(nearest(static_cast<std::uint32_t>(*request.hash)), request);
  }
  if (request.key.empty()) {
    return next_in_turn(request);
  }
  return walk(nearest(haproxy_hash(spec_.hash, request.key)), request);
}

std::size_t HaproxyRing::nearest(std::uint32_t position) const {
  const std::size_t next = ring_.at_or_after(position);
  const std::size_t previous = ring_.before(next);
  // Modulo 2^32, so that distances across the ring's seam are right; at equal distance the one
  // before.
  const std::uint32_t behind = position - ring_[previous].position;
  const std::uint32_t ahead = ring_[next].position - position;
  return behind <= ahead ? previous : next;
}

// The slots of all are the requests under way and this one, times the factor, rounded up. They go
// to the places of the ring evenly, what is left over to every so many of them.
bool HaproxyRing::has_free_slot(const Server& server) const {
  const std::uint64_t slots = ((loads_.total_active() + 1) * spec_.balance_factor + 99) / 100;
  const std::uint64_t rest = slots % ring_.size();
  const std::uint64_t own = server.places * (slots / ring_.size()) +
                            (server.places_before + server.places) * rest / ring_.size() -
                            server.places_before * rest / ring_.size();
  return loads_.active(server.endpoint) < std::max<std::uint64_t>(own, 1);
}

EndpointId HaproxyRing::walk(std::size_t place, const PickRequest& request) const {
  const auto takes = [this, &request](const Server& server) {
    return !is_last_tried(request, server.endpoint) &&
           (spec_.balance_factor == 0 || has_free_slot(server));
  };
  const Server* server = &servers_[ring_[place].owner];
  for (int seams = 0; !takes(*server); server = &servers_[ring_[place].owner]) {
    place = ring_.after(place);
    seams += place == 0 ? 1 : 0;
    if (seams == 2) {
      break;
    }
  }
  return server->endpoint;
}

EndpointId HaproxyRing::next_in_turn(const PickRequest& request) {
  const std::size_t start = last_in_turn_ ? *last_in_turn_ : ring_.size() - 1;
  std::size_t place = start;
  do {
    place = ring_.after(place);
  } while (place != start && is_last_tried(request, servers_[ring_[place].owner].endpoint));
  last_in_turn_ = place;
  return servers_[ring_[place].owner].endpoint;
}

}  // namespace windtunnel::balance
