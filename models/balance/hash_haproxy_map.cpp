#include "models/balance/hash_haproxy_map.hpp"

#include <numeric>

namespace windtunnel::balance {

namespace {

struct Share {
  EndpointId endpoint{};
  std::int64_t weight = 0;
  std::int64_t score = 0;
};

std::vector<Share> shares_of(std::span<const Endpoint> endpoints) {
  std::uint32_t divisor = 0;
  for (const Endpoint& endpoint : endpoints) {
    divisor = std::gcd(divisor, endpoint.weight);
  }
  std::vector<Share> shares;
  for (const Endpoint& endpoint : endpoints) {
    if (endpoint.weight > 0 && endpoint.health != EndpointHealth::unhealthy) {
      shares.push_back({endpoint.id, endpoint.weight / divisor, 0});
    }
  }
  return shares;
}

/// Spreads the slots of each evenly: whose score passes the most multiples of the table's size is
/// next, of several the first listed.
std::vector<EndpointId> slots_of(std::vector<Share> shares) {
  std::int64_t size = 0;
  for (const Share& share : shares) {
    size += share.weight;
  }
  std::vector<EndpointId> slots;
  slots.reserve(static_cast<std::size_t>(size));
  for (std::int64_t slot = 0; slot < size; ++slot) {
    Share* best = nullptr;
    std::int64_t passed_most = 0;
    for (Share& share : shares) {
      share.score += share.weight;
      const std::int64_t passed = (share.score + size) / size;
      if (best == nullptr || passed > passed_most) {
        best = &share;
        passed_most = passed;
      }
    }
    best->score -= size;
    slots.push_back(best->endpoint);
  }
  return slots;
}

}  // namespace

HaproxyMap::HaproxyMap(const HaproxyMapSpec& spec, const PolicyInput& input)
    : hash_(spec.hash), slots_(slots_of(shares_of(input.endpoints))) {}

std::optional<EndpointId> HaproxyMap::pick(Instant /*now*/, const PickRequest& request) {
  if (slots_.empty()) {
    return std::nullopt;
  }
  if (!request.hash && request.key.empty()) {
    return next_in_turn(request);
  }
  const auto hash =
      request.hash ? static_cast<std::uint32_t>(*request.hash) : haproxy_hash(hash_, request.key);
  return slots_[hash % slots_.size()];
}

EndpointId HaproxyMap::next_in_turn(const PickRequest& request) {
  std::size_t slot = next_;
  for (std::size_t passed = 0; passed + 1 < slots_.size(); ++passed) {
    if (request.tried.empty() || slots_[slot] != request.tried.back()) {
      break;
    }
    slot = (slot + 1) % slots_.size();
  }
  next_ = (slot + 1) % slots_.size();
  return slots_[slot];
}

}  // namespace windtunnel::balance
