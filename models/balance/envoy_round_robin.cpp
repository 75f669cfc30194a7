#include "models/balance/envoy_round_robin.hpp"

namespace windtunnel::balance {

EnvoyRoundRobin::EnvoyRoundRobin(EnvoySpec spec, PolicyInput input)
    : spec_(spec),
      candidates_(input.endpoints),
      turn_(input.random.next()),
      schedule_(make_schedule(spec_, candidates_, input.now, static_cast<std::uint32_t>(turn_),
                              [&](Slot slot) { return weight(slot, input.now); })) {}

std::optional<EndpointId> EnvoyRoundRobin::pick(Instant now, const PickRequest& request) {
  return pick_untried(spec_, candidates_, request, [&] { return pick_once(now); });
}

Slot EnvoyRoundRobin::pick_once(Instant now) {
  if (schedule_) {
    return schedule_->pick([&](Slot slot) { return weight(slot, now); });
  }
  return static_cast<Slot>(turn_++ % candidates_.size());
}

double EnvoyRoundRobin::weight(Slot slot, Instant now) const {
  return candidates_.weight(slot) * slow_start_share(spec_, candidates_.id(slot), now);
}

}  // namespace windtunnel::balance
