#include "models/balance/bounded_load.hpp"

#include <algorithm>
#include <utility>

#include "models/balance/hash_hosts.hpp"
#include "models/balance/hash_request.hpp"
#include "models/balance/xx_hash.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

namespace {

__extension__ using Wide = unsigned __int128;

}  // namespace

BoundedLoad::BoundedLoad(const BoundedLoadSpec& spec, const PolicyInput& input)
    : load_percent_max_(spec.load_percent_max), loads_(input.loads), random_(input.random) {
  check(spec.load_percent_max > 100, "a load bound of 100 % or less leaves no room");
  check(spec.places_per_weight > 0, "an endpoint has at least one place");
  std::vector<HashRing<std::uint64_t>::Point> points;
  for (const Endpoint& endpoint : input.endpoints) {
    if (endpoint.weight == 0) {
      continue;
    }
    const std::uint64_t identity = xx_hash64(hash_text_of(endpoint));
    const auto host = static_cast<std::uint32_t>(hosts_.size());
    const std::uint64_t places = std::uint64_t{endpoint.weight} * spec.places_per_weight;
    for (std::uint64_t place = 0; place < places; ++place) {
      points.push_back({mix_hashes(identity, place), host});
    }
    hosts_.push_back({endpoint.id, endpoint.weight});
    total_weight_ += endpoint.weight;
  }
  ring_ = {std::move(points), EqualPoints::keep};
}

std::optional<EndpointId> BoundedLoad::pick(Instant /*now*/, const PickRequest& request) {
  if (hosts_.empty()) {
    return std::nullopt;
  }
  // active < ceil(c · m · w / W), multiplied out.
  const Wide room = Wide{load_percent_max_} * (loads_.total_active() + 1);
  const Wide whole = Wide{100} * total_weight_;
  std::optional<EndpointId> tried_with_room;
  std::size_t place = ring_.at_or_after(xx_position(request, random_));
  for (std::size_t passed = 0; passed < ring_.size(); ++passed, place = ring_.after(place)) {
    const Host& host = hosts_[ring_[place].owner];
    if (loads_.active(host.endpoint) * whole >= room * host.weight) {
      continue;
    }
    if (!was_tried(request, host.endpoint)) {
      return host.endpoint;
    }
    if (!tried_with_room) {
      tried_with_room = host.endpoint;
    }
  }
  check(tried_with_room.has_value(), "the bounds of all endpoints add up to less than the load");
  return tried_with_room;
}

std::uint64_t BoundedLoad::bound(EndpointId endpoint) const {
  const auto host = std::find_if(hosts_.begin(), hosts_.end(), [endpoint](const Host& each) {
    return each.endpoint == endpoint;
  });
  check(host != hosts_.end(), "an endpoint outside the set has no bound");
  const Wide scaled = Wide{load_percent_max_} * (loads_.total_active() + 1) * host->weight;
  const Wide whole = Wide{100} * total_weight_;
  return static_cast<std::uint64_t>((scaled + whole - 1) / whole);
}

}  // namespace windtunnel::balance
