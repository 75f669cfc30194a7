// Envoy 1.31's LEAST_REQUEST (source/extensions/load_balancing_policies/least_request/): equal
// weights compare the active requests of a few endpoints, or of all; unequal weights are scheduled
// by earliest deadline with weights that active requests lower.
#pragma once

#include <cstdint>
#include <optional>

#include "models/balance/envoy_edf.hpp"
#include "models/balance/policy.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

enum class EnvoySelection : std::uint8_t {
  n_choices,  ///< `choice_count` draws with replacement; of equals, the first drawn.
  full_scan   ///< All endpoints; equals share by chance.
};

struct EnvoyLeastRequestSpec {
  EnvoySpec common{};
  EnvoySelection selection = EnvoySelection::n_choices;
  std::uint32_t choice_count = 2;
  /// With unequal weights, or in slow start: weight / (active + 1)^bias. 0 is a round robin.
  double active_request_bias = 1;
};

/// Envoy draws with replacement: of two endpoints it takes the busier in a quarter of the picks
/// (PowerOfChoices does not). A pick costs O(choice_count) by choices, O(n) by full scan, O(log n)
/// by schedule.
class EnvoyLeastRequest final : public Policy {
 public:
  EnvoyLeastRequest(EnvoyLeastRequestSpec spec, PolicyInput input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  [[nodiscard]] bool has_schedule() const { return schedule_.has_value(); }

 private:
  [[nodiscard]] double weight(Slot slot, Instant now) const;
  [[nodiscard]] std::uint32_t active(Slot slot) const {
    return loads_.active(candidates_.id(slot));
  }
  [[nodiscard]] Slot pick_once(Instant now);
  [[nodiscard]] Slot least_of_few();
  [[nodiscard]] Slot least_of_all();

  EnvoyLeastRequestSpec spec_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  RandomStream random_;
  std::optional<EdfSchedule> schedule_;
};

}  // namespace windtunnel::balance
