// Least request among a few different endpoints drawn at random: the power of d choices (M.
// Mitzenmacher, "The power of two choices in randomized load balancing", 1996), without
// replacement.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/policy.hpp"
#include "models/balance/weighted_draw.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

struct PowerOfChoicesSpec {
  std::uint32_t choices = 2;
};

/// Draws in proportion to weights and takes the least loaded for its weight; of equals, the first
/// drawn. Envoy and HAProxy may draw the same endpoint twice, which with few endpoints wastes the
/// choice. A pick costs O(d²) for d choices, O(1) for the usual two.
class PowerOfChoices final : public Policy {
 public:
  PowerOfChoices(PowerOfChoicesSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

 private:
  [[nodiscard]] bool is_less_loaded(Slot left, Slot right) const;

  PowerOfChoicesSpec spec_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  RandomStream random_;
  WeightedDraw weighted_;
  std::vector<Slot> chosen_;
};

}  // namespace windtunnel::balance
