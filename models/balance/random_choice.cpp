#include "models/balance/random_choice.hpp"

#include "models/balance/fresh_draw.hpp"

namespace windtunnel::balance {

RandomChoice::RandomChoice(RandomChoiceSpec spec, const PolicyInput& input)
    : spec_(spec), candidates_(input.endpoints), random_(input.random), weighted_(candidates_) {}

std::optional<EndpointId> RandomChoice::pick(Instant /*now*/, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  if (request.tried.empty()) {
    return candidates_.id(draw());
  }
  const std::optional<Slot> fresh = draw_fresh(candidates_, request, {}, [this] { return draw(); });
  return candidates_.id(fresh ? *fresh : draw());
}

Slot RandomChoice::draw() {
  return spec_.shares == RandomShares::by_weight
             ? weighted_.draw(random_)
             : static_cast<Slot>(random_.below(candidates_.size()));
}

}  // namespace windtunnel::balance
