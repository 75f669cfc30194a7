// The plainest policies there are, and endpoints to choose among: what these tests examine is the
// choice around a policy.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// Each endpoint as likely as any other.
class UniformPolicy final : public Policy {
 public:
  explicit UniformPolicy(const PolicyInput& input)
      : endpoints_(input.endpoints), random_(input.random) {}

  [[nodiscard]] std::optional<EndpointId> pick(Instant, const PickRequest&) override {
    return endpoints_[random_.below(endpoints_.size())].id;
  }

  [[nodiscard]] static std::unique_ptr<Policy> make(const PolicyInput& input) {
    return std::make_unique<UniformPolicy>(input);
  }

 private:
  std::span<const Endpoint> endpoints_;
  RandomStream random_;
};

/// `count` endpoints numbered from `first`.
inline std::vector<Endpoint> endpoints_from(std::uint32_t first, std::uint32_t count,
                                            const Endpoint& like = {}) {
  std::vector<Endpoint> endpoints(count, like);
  for (Endpoint& endpoint : endpoints) {
    endpoint.id = EndpointId{first};
    endpoint.address = "10.0.0." + std::to_string(first++) + ":80";
  }
  return endpoints;
}

inline std::vector<Endpoint> joined(std::vector<std::vector<Endpoint>> groups) {
  std::vector<Endpoint> all;
  for (const std::vector<Endpoint>& group : groups) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

}  // namespace windtunnel::balance
