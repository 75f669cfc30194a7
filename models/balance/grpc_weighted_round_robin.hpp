// gRPC's client-side weighted_round_robin (grpc/proposal A58): earliest deadline first by weights
// that come out of the backends' own load reports.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/grpc_weights.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/slot_queue.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

struct GrpcWeightedRoundRobinSpec {
  GrpcWeightsSpec weights{};
  Duration weight_update_period = std::chrono::seconds{1};  ///< At least 100 ms, whatever is given.
  /// The policy's own where absent, which a new snapshot then forgets. Must outlive the policy.
  GrpcWeights* shared_weights = nullptr;
};

/// The control plane's weights only decide who takes nothing (weight 0). Tried endpoints are not
/// avoided: a retry takes what comes next, as in gRPC. A pick costs O(log n), and O(n log n) once
/// in each update period.
class GrpcWeightedRoundRobin final : public Policy {
 public:
  GrpcWeightedRoundRobin(GrpcWeightedRoundRobinSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  /// A backend's report arrived, with a response or out of band.
  void report(Instant now, EndpointId endpoint, const LoadReport& load) {
    weights().report(endpoint, now, load);
  }

  /// Whether at least two endpoints had a weight at the last update; without, it is a plain round
  /// robin.
  [[nodiscard]] bool is_weighted() const { return is_weighted_; }

 private:
  [[nodiscard]] GrpcWeights& weights() {
    return spec_.shared_weights != nullptr ? *spec_.shared_weights : own_weights_;
  }
  void update(Instant now);

  GrpcWeightedRoundRobinSpec spec_;
  Candidates candidates_;
  RandomStream random_;
  GrpcWeights own_weights_;
  std::uint64_t turn_;
  SlotQueue<double> queue_;
  std::vector<double> periods_;  ///< 1 / weight, by slot.
  std::optional<Instant> updated_at_;
  bool is_weighted_ = false;
};

}  // namespace windtunnel::balance
