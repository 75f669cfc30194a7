#include "models/balance/grpc_weighted_round_robin.hpp"

#include <algorithm>

namespace windtunnel::balance {
namespace {

constexpr Duration kUpdatePeriodMin = std::chrono::milliseconds{100};

}  // namespace

GrpcWeightedRoundRobin::GrpcWeightedRoundRobin(GrpcWeightedRoundRobinSpec spec,
                                               const PolicyInput& input)
    : spec_(spec),
      candidates_(input.endpoints),
      random_(input.random),
      own_weights_(spec.weights),
      turn_(random_.next()),
      queue_(candidates_.size()),
      periods_(candidates_.size()) {
  check(spec.weights.error_utilization_penalty >= 0, "the penalty for errors is not negative");
  spec_.weight_update_period = std::max(spec.weight_update_period, kUpdatePeriodMin);
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    queue_.push(slot, 0);
    weights().make_room(candidates_.id(slot).value() + std::size_t{1});
  }
}

std::optional<EndpointId> GrpcWeightedRoundRobin::pick(Instant now,
                                                       const PickRequest& /*request*/) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  if (!updated_at_ || now - *updated_at_ >= spec_.weight_update_period) {
    update(now);
  }
  if (!is_weighted_) {
    return candidates_.id(static_cast<Slot>(turn_++ % candidates_.size()));
  }
  const Slot slot = queue_.top().slot;
  queue_.replace_top(queue_.top().key + periods_[slot]);
  return candidates_.id(slot);
}

// An endpoint without a weight gets the mean of those that have one; each starts at a random point
// of its period, so that clients are out of step.
void GrpcWeightedRoundRobin::update(Instant now) {
  updated_at_ = now;
  double sum = 0;
  std::uint32_t known = 0;
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    const double weight = weights().weight(candidates_.id(slot), now);
    periods_[slot] = weight;
    sum += weight;
    known += weight > 0 ? 1 : 0;
  }
  is_weighted_ = known >= 2;
  for (Slot slot = 0; is_weighted_ && slot < candidates_.size(); ++slot) {
    const double weight = periods_[slot] > 0 ? periods_[slot] : sum / known;
    periods_[slot] = 1 / weight;
    queue_.update(slot, random_.unit() * periods_[slot]);
  }
}

}  // namespace windtunnel::balance
