// Envoy 1.31's ROUND_ROBIN (source/extensions/load_balancing_policies/round_robin/): plain rotation
// where all weights are equal, else earliest deadline first; both begin at a random place. Left
// out: preconnecting.
#pragma once

#include <cstdint>
#include <optional>

#include "models/balance/envoy_edf.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// A pick costs O(1) by rotation and O(log n) by schedule.
class EnvoyRoundRobin final : public Policy {
 public:
  EnvoyRoundRobin(EnvoySpec spec, PolicyInput input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  [[nodiscard]] bool has_schedule() const { return schedule_.has_value(); }

 private:
  [[nodiscard]] double weight(Slot slot, Instant now) const;
  [[nodiscard]] Slot pick_once(Instant now);

  EnvoySpec spec_;
  Candidates candidates_;
  std::uint64_t turn_;
  std::optional<EdfSchedule> schedule_;
};

}  // namespace windtunnel::balance
