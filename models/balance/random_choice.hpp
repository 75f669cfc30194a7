// Picks at random: each endpoint as likely as its weight says, or all alike.
#pragma once

#include <cstdint>
#include <optional>

#include "models/balance/policy.hpp"
#include "models/balance/weighted_draw.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

enum class RandomShares : std::uint8_t {
  by_weight,  ///< Exact shares.
  uniform     ///< Weights are ignored, as Envoy's RANDOM does.
};

struct RandomChoiceSpec {
  RandomShares shares = RandomShares::by_weight;
};

/// A pick costs O(1). What was tried is picked again only where nothing else is left.
class RandomChoice final : public Policy {
 public:
  RandomChoice(RandomChoiceSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

 private:
  [[nodiscard]] Slot draw();

  RandomChoiceSpec spec_;
  Candidates candidates_;
  RandomStream random_;
  WeightedDraw weighted_;
};

}  // namespace windtunnel::balance
