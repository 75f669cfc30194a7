#include "models/balance/hash_nginx_peers.hpp"

#include <algorithm>
#include <limits>

#include "models/balance/hash_request.hpp"
#include "runtime/check.hpp"

namespace windtunnel::balance {

NginxHashPeers::NginxHashPeers(std::span<const Endpoint> endpoints) {
  peers_.reserve(endpoints.size());
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.weight == 0) {
      continue;
    }
    check(endpoint.weight <= std::numeric_limits<std::uint32_t>::max() - total_weight_,
          "weights add up to more than 32 bits");
    total_weight_ += endpoint.weight;
    peers_.push_back({endpoint.id, endpoint.weight, total_weight_,
                      endpoint.health == EndpointHealth::unhealthy, 0});
  }
}

std::size_t NginxHashPeers::at_weight(std::uint32_t offset) const {
  const auto peer =
      std::upper_bound(peers_.begin(), peers_.end(), offset,
                       [](std::uint32_t o, const Peer& each) { return o < each.weight_end; });
  return static_cast<std::size_t>(peer - peers_.begin());
}

std::optional<EndpointId> NginxHashPeers::next_in_turn(const PickRequest& request) {
  // A single peer is nginx's own case: it does not matter whether it was tried.
  const bool single = peers_.size() == 1;
  Peer* best = nullptr;
  std::int64_t total = 0;
  for (Peer& peer : peers_) {
    if (peer.down || (!single && was_tried(request, peer.endpoint))) {
      continue;
    }
    peer.current_weight += peer.weight;
    total += peer.weight;
    if (best == nullptr || peer.current_weight > best->current_weight) {
      best = &peer;
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  best->current_weight -= total;
  return best->endpoint;
}

}  // namespace windtunnel::balance
