// Rendezvous hashing, or highest random weight (Thaler and Ravishankar, "Using name-based mappings
// to increase hit rates", IEEE/ACM ToN 6, 1998), weighted by the exponential race. Shares are exact
// in expectation, an endpoint that goes moves its own keys alone, and to others by their weights;
// all without a table, for which a pick looks at every endpoint.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// Rendezvous hashing has no settings.
struct RendezvousSpec {};

class Rendezvous final : public Policy {
 public:
  Rendezvous(const RendezvousSpec& spec, const PolicyInput& input);

  /// The endpoint, among those not tried, that the key ranks first; if all were tried, among all.
  /// O(endpoints), with a logarithm for each where weights differ.
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

 private:
  struct Host {
    EndpointId endpoint{};
    std::uint64_t identity = 0;
    double weight = 1;
  };

  [[nodiscard]] const Host* first_by_hash(std::uint64_t hash, const PickRequest& request) const;
  [[nodiscard]] const Host* first_by_race(std::uint64_t hash, const PickRequest& request) const;

  std::vector<Host> hosts_;  ///< By endpoint, so that the order of listing does not matter.
  bool weights_are_equal_ = true;
  RandomStream random_;
};

}  // namespace windtunnel::balance
