#include "models/balance/grpc_weights.hpp"

#include <algorithm>

namespace windtunnel::balance {

void GrpcWeights::make_room(std::size_t count) {
  known_.resize(std::max(count, known_.size()));
}

void GrpcWeights::report(EndpointId endpoint, Instant now, const LoadReport& load) {
  if (load.queries_per_second <= 0 || load.utilization <= 0) {
    return;
  }
  make_room(endpoint.value() + std::size_t{1});
  const double error_share = load.errors_per_second / load.queries_per_second;
  Known& known = known_[endpoint.value()];
  known.weight =
      load.queries_per_second / (load.utilization + error_share * spec_.error_utilization_penalty);
  known.last_updated = now;
  if (!known.non_empty_since) {
    known.non_empty_since = now;
  }
}

void GrpcWeights::become_ready(EndpointId endpoint) {
  if (endpoint.value() < known_.size()) {
    known_[endpoint.value()].non_empty_since.reset();
  }
}

double GrpcWeights::weight(EndpointId endpoint, Instant now) {
  if (endpoint.value() >= known_.size()) {
    return 0;
  }
  Known& known = known_[endpoint.value()];
  if (!known.last_updated || now - *known.last_updated >= spec_.weight_expiration_period) {
    known.non_empty_since.reset();
    return 0;
  }
  const bool is_blacked_out =
      spec_.blackout_period > Duration::zero() &&
      (!known.non_empty_since || now - *known.non_empty_since < spec_.blackout_period);
  return is_blacked_out ? 0 : known.weight;
}

}  // namespace windtunnel::balance
