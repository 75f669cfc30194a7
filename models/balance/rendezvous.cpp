#include "models/balance/rendezvous.hpp"

#include <algorithm>

#include "models/balance/hash_hosts.hpp"
#include "models/balance/hash_request.hpp"
#include "models/balance/xx_hash.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::balance {

namespace {

/// The time at which a runner of `weight` arrives: exponential with that rate, drawn by `hash`.
double arrival(std::uint64_t hash, double weight) {
  // In (0, 1): the middle of one of 2^52 equal intervals, which a double holds exactly.
  const double uniform = (static_cast<double>(hash >> 12) + 0.5) * 0x1p-52;
  return -portable_log(uniform) / weight;
}

}  // namespace

Rendezvous::Rendezvous(const RendezvousSpec& /*spec*/, const PolicyInput& input)
    : random_(input.random) {
  for (const Endpoint& endpoint : input.endpoints) {
    if (endpoint.weight > 0) {
      hosts_.push_back(
          {endpoint.id, xx_hash64(hash_text_of(endpoint)), static_cast<double>(endpoint.weight)});
    }
  }
  std::sort(hosts_.begin(), hosts_.end(),
            [](const Host& left, const Host& right) { return left.endpoint < right.endpoint; });
  weights_are_equal_ = std::all_of(hosts_.begin(), hosts_.end(), [this](const Host& host) {
    return host.weight <= hosts_.front().weight && host.weight >= hosts_.front().weight;
  });
}

std::optional<EndpointId> Rendezvous::pick(Instant /*now*/, const PickRequest& request) {
  if (hosts_.empty()) {
    return std::nullopt;
  }
  const std::uint64_t hash = xx_position(request, random_);
  const auto first = [this, hash](const PickRequest& among) {
    return weights_are_equal_ ? first_by_hash(hash, among) : first_by_race(hash, among);
  };
  const Host* host = first(request);
  return (host != nullptr ? host : first(PickRequest{}))->endpoint;
}

const Rendezvous::Host* Rendezvous::first_by_hash(std::uint64_t hash,
                                                  const PickRequest& request) const {
  const Host* best = nullptr;
  std::uint64_t best_rank = 0;
  for (const Host& host : hosts_) {
    const std::uint64_t rank = mix_hashes(host.identity, hash);
    if ((best == nullptr || rank > best_rank) && !was_tried(request, host.endpoint)) {
      best = &host;
      best_rank = rank;
    }
  }
  return best;
}

const Rendezvous::Host* Rendezvous::first_by_race(std::uint64_t hash,
                                                  const PickRequest& request) const {
  const Host* best = nullptr;
  double best_arrival = 0;
  for (const Host& host : hosts_) {
    const double at = arrival(mix_hashes(host.identity, hash), host.weight);
    if ((best == nullptr || at < best_arrival) && !was_tried(request, host.endpoint)) {
      best = &host;
      best_arrival = at;
    }
  }
  return best;
}

}  // namespace windtunnel::balance
