#include "models/balance/envoy_least_request.hpp"

#include "models/balance/power.hpp"

namespace windtunnel::balance {

EnvoyLeastRequest::EnvoyLeastRequest(EnvoyLeastRequestSpec spec, PolicyInput input)
    : spec_(spec), candidates_(input.endpoints), loads_(input.loads), random_(input.random) {
  check(spec.choice_count >= 1, "at least one endpoint is drawn");
  check(spec.active_request_bias >= 0, "the active request bias is not negative");
  const auto picks = static_cast<std::uint32_t>(random_.next());
  schedule_ = make_schedule(spec_.common, candidates_, input.now, picks,
                            [&](Slot slot) { return weight(slot, input.now); });
}

std::optional<EndpointId> EnvoyLeastRequest::pick(Instant now, const PickRequest& request) {
  return pick_untried(spec_.common, candidates_, request, [&] { return pick_once(now); });
}

Slot EnvoyLeastRequest::pick_once(Instant now) {
  if (schedule_) {
    return schedule_->pick([&](Slot slot) { return weight(slot, now); });
  }
  return spec_.selection == EnvoySelection::full_scan ? least_of_all() : least_of_few();
}

double EnvoyLeastRequest::weight(Slot slot, Instant now) const {
  const double pressure = power(active(slot) + 1.0, spec_.active_request_bias);
  return candidates_.weight(slot) / pressure *
         slow_start_share(spec_.common, candidates_.id(slot), now);
}

Slot EnvoyLeastRequest::least_of_few() {
  auto best = static_cast<Slot>(random_.below(candidates_.size()));
  for (std::uint32_t choice = 1; choice < spec_.choice_count; ++choice) {
    const auto other = static_cast<Slot>(random_.below(candidates_.size()));
    if (active(other) < active(best)) {
      best = other;
    }
  }
  return best;
}

// The k-th of equals replaces those before it with probability 1/k, which gives each the same.
Slot EnvoyLeastRequest::least_of_all() {
  Slot best = 0;
  std::uint64_t equals = 1;
  for (Slot slot = 1; slot < candidates_.size(); ++slot) {
    if (active(slot) < active(best)) {
      best = slot;
      equals = 1;
    } else if (active(slot) == active(best) && random_.below(++equals) == 0) {
      best = slot;
    }
  }
  return best;
}

}  // namespace windtunnel::balance
