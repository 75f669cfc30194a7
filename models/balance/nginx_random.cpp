#include "models/balance/nginx_random.hpp"

namespace windtunnel::balance {
namespace {

constexpr int kWastedDrawsMax = 20;

}  // namespace

NginxRandom::NginxRandom(NginxRandomSpec spec, const PolicyInput& input)
    : mode_(spec.mode),
      candidates_(input.endpoints),
      loads_(input.loads),
      random_(input.random),
      peers_(spec.server, candidates_),
      weighted_(candidates_) {}

std::optional<EndpointId> NginxRandom::pick(Instant now, const PickRequest& request) {
  if (candidates_.size() > 1) {
    if (const std::optional<Slot> slot = draw(now, request)) {
      peers_.use(*slot, now);
      return candidates_.id(*slot);
    }
  }
  const std::optional<Slot> slot = peers_.pick(now, request, candidates_);
  return slot ? std::optional{candidates_.id(*slot)} : std::nullopt;
}

std::optional<Slot> NginxRandom::draw(Instant now, const PickRequest& request) {
  std::optional<Slot> previous;
  for (int wasted = 0; wasted <= kWastedDrawsMax;) {
    const Slot slot = weighted_.draw(random_);
    if (slot == previous || was_tried(request, candidates_.id(slot)) ||
        peers_.is_left_alone(slot, now)) {
      ++wasted;
    } else if (mode_ == NginxRandomMode::one) {
      return slot;
    } else if (previous) {
      return is_more_loaded(slot, *previous) ? previous : slot;
    } else {
      previous = slot;
    }
  }
  return std::nullopt;
}

bool NginxRandom::is_more_loaded(Slot left, Slot right) const {
  return std::uint64_t{loads_.active(candidates_.id(left))} * candidates_.weight(right) >
         std::uint64_t{loads_.active(candidates_.id(right))} * candidates_.weight(left);
}

void NginxRandom::observe(Instant now, const AttemptResult& result) {
  if (const std::optional<Slot> slot = candidates_.slot_of(result.endpoint)) {
    peers_.settle(*slot, now, result.succeeded);
  }
}

}  // namespace windtunnel::balance
