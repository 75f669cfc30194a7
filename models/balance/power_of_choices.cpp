#include "models/balance/power_of_choices.hpp"

#include <algorithm>

#include "models/balance/fresh_draw.hpp"

namespace windtunnel::balance {

PowerOfChoices::PowerOfChoices(PowerOfChoicesSpec spec, const PolicyInput& input)
    : spec_(spec),
      candidates_(input.endpoints),
      loads_(input.loads),
      random_(input.random),
      weighted_(candidates_) {
  check(spec.choices > 0, "at least one endpoint is drawn");
  chosen_.reserve(std::min(spec.choices, candidates_.size()));
}

std::optional<EndpointId> PowerOfChoices::pick(Instant /*now*/, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  chosen_.clear();
  const auto draw = [this] { return weighted_.draw(random_); };
  const Slot choices = std::min(spec_.choices, candidates_.size());
  while (chosen_.size() < choices) {
    const std::optional<Slot> slot = draw_fresh(candidates_, request, chosen_, draw);
    if (!slot) {
      break;
    }
    chosen_.push_back(*slot);
  }
  if (chosen_.empty()) {
    return candidates_.id(draw());
  }
  const auto best = std::min_element(chosen_.begin(), chosen_.end(), [this](Slot left, Slot right) {
    return is_less_loaded(left, right);
  });
  return candidates_.id(*best);
}

bool PowerOfChoices::is_less_loaded(Slot left, Slot right) const {
  return std::uint64_t{loads_.active(candidates_.id(left))} * candidates_.weight(right) <
         std::uint64_t{loads_.active(candidates_.id(right))} * candidates_.weight(left);
}

}  // namespace windtunnel::balance
