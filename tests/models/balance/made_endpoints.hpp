// Endpoints numbered from zero with given weights, and the load that a test puts on them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

struct MadeEndpoints {
  explicit MadeEndpoints(const std::vector<std::uint32_t>& weights) {
    for (const std::uint32_t weight : weights) {
      Endpoint endpoint;
      endpoint.id = EndpointId{static_cast<std::uint32_t>(endpoints.size())};
      endpoint.address = "10.0.0." + std::to_string(endpoints.size());
      endpoint.weight = weight;
      endpoints.push_back(endpoint);
    }
    loads.resize(endpoints.size());
  }

  [[nodiscard]] PolicyInput input(std::uint64_t seed) const {
    return {endpoints, loads, RandomStream{seed, "balance"}, Instant{}};
  }

  std::vector<Endpoint> endpoints;
  EndpointLoads loads;
};

/// A request whose earlier attempts went to `tried`, which must outlive it.
[[nodiscard]] inline PickRequest after(std::span<const EndpointId> tried) {
  PickRequest request;
  request.attempt = static_cast<std::uint32_t>(tried.size());
  request.tried = tried;
  return request;
}

}  // namespace windtunnel::balance
