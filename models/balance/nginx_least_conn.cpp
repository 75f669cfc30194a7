#include "models/balance/nginx_least_conn.hpp"

namespace windtunnel::balance {

NginxLeastConn::NginxLeastConn(NginxSpec spec, const PolicyInput& input)
    : spec_(spec), candidates_(input.endpoints), loads_(input.loads) {
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    const std::int64_t weight = candidates_.weight(slot);
    peers_.push_back({.weight = weight, .effective_weight = weight});
  }
}

std::optional<EndpointId> NginxLeastConn::pick(Instant instant, const PickRequest& request) {
  if (candidates_.size() == 1) {
    return candidates_.id(0);
  }
  const NginxSeconds now = nginx_seconds(instant);
  std::optional<Slot> best;
  bool has_equals = false;
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    if (!is_considered(slot, now, request)) {
      continue;
    }
    const std::int64_t order = best ? compare(slot, *best) : -1;
    if (order < 0) {
      best = slot;
      has_equals = false;
    } else if (order == 0) {
      has_equals = true;
    }
  }
  if (!best) {
    return std::nullopt;
  }
  const Slot chosen = has_equals ? smoothest_of_equals(*best, now, request) : *best;
  peers_[chosen].use(spec_, now);
  return candidates_.id(chosen);
}

bool NginxLeastConn::is_considered(Slot slot, NginxSeconds now, const PickRequest& request) const {
  return !peers_[slot].is_left_alone(spec_, now) && !was_tried(request, candidates_.id(slot));
}

std::int64_t NginxLeastConn::compare(Slot left, Slot right) const {
  return std::int64_t{loads_.active(candidates_.id(left))} * peers_[right].weight -
         std::int64_t{loads_.active(candidates_.id(right))} * peers_[left].weight;
}

// `first` is the first of the equals; peers that do not tie gain nothing in this pick.
Slot NginxLeastConn::smoothest_of_equals(Slot first, NginxSeconds now, const PickRequest& request) {
  Slot best = first;
  std::int64_t total = 0;
  for (Slot slot = first; slot < candidates_.size(); ++slot) {
    if (compare(slot, first) != 0 || !is_considered(slot, now, request)) {
      continue;
    }
    total += peers_[slot].effective_weight;
    peers_[slot].gain();
    if (peers_[slot].current_weight > peers_[best].current_weight) {
      best = slot;
    }
  }
  peers_[best].current_weight -= total;
  return best;
}

void NginxLeastConn::observe(Instant now, const AttemptResult& result) {
  const std::optional<Slot> slot = candidates_.slot_of(result.endpoint);
  if (!slot || candidates_.size() == 1) {
    return;
  }
  if (result.succeeded) {
    peers_[*slot].succeed();
  } else {
    peers_[*slot].fail(spec_, nginx_seconds(now));
  }
}

}  // namespace windtunnel::balance
