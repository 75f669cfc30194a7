#include "models/balance/nginx_round_robin.hpp"

namespace windtunnel::balance {

std::optional<EndpointId> NginxRoundRobin::pick(Instant now, const PickRequest& request) {
  const std::optional<Slot> slot = peers_.pick(now, request, candidates_);
  return slot ? std::optional{candidates_.id(*slot)} : std::nullopt;
}

void NginxRoundRobin::observe(Instant now, const AttemptResult& result) {
  if (const std::optional<Slot> slot = candidates_.slot_of(result.endpoint)) {
    peers_.settle(*slot, now, result.succeeded);
  }
}

}  // namespace windtunnel::balance
