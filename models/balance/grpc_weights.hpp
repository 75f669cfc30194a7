// Endpoint weights out of load reports, as gRPC's weighted_round_robin keeps them (grpc/proposal
// A58, "Subchannel Weights"), over snapshots.
#pragma once

#include <optional>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::balance {

struct GrpcWeightsSpec {
  Duration blackout_period = std::chrono::seconds{10};
  Duration weight_expiration_period = std::chrono::minutes{3};
  double error_utilization_penalty = 1;
};

/// What a backend says of itself (ORCA, grpc/proposal A51).
struct LoadReport {
  double queries_per_second = 0;
  double errors_per_second = 0;
  double utilization = 0;  ///< Of the CPU or of what limits the application; 1 is fully used.
};

class GrpcWeights {
 public:
  explicit GrpcWeights(GrpcWeightsSpec spec) : spec_(spec) {}

  /// Room for ids below `count`; weights already known are kept.
  void make_room(std::size_t count);

  /// Weight is queries / (utilization + errors / queries · penalty). A report without queries or
  /// without utilization changes nothing. Allocates only where there is no room for the id.
  void report(EndpointId endpoint, Instant now, const LoadReport& load);

  /// The connection to `endpoint` came up: its reports count after a blackout only.
  void become_ready(EndpointId endpoint);

  /// 0 where there is none, during the blackout and after the expiration. Reading an expired weight
  /// begins a new blackout, as in the proposal.
  [[nodiscard]] double weight(EndpointId endpoint, Instant now);

 private:
  struct Known {
    double weight = 0;
    std::optional<Instant> last_updated;
    std::optional<Instant> non_empty_since;
  };

  GrpcWeightsSpec spec_;
  std::vector<Known> known_;  ///< By endpoint id.
};

}  // namespace windtunnel::balance
