// The balancing policies by name: what each is made of, and what of them can be spoken to later.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bindings/src/component_values.hpp"
#include "models/balance/balancer.hpp"
#include "models/balance/grpc_weights.hpp"
#include "models/balance/prequal.hpp"

namespace windtunnel::bindings {

/// What some policies learn beside how attempts end.
struct PolicyVoices {
  std::shared_ptr<balance::GrpcWeights> reported_loads{};  ///< Of grpc_weighted_round_robin.
  /// Of prequal: the policies in use, one for each part of the endpoints.
  std::shared_ptr<std::vector<balance::Prequal*>> probed{};
};

struct MadePolicy {
  balance::PolicyFactory factory;
  PolicyVoices voices{};
  py::dict parameters{};  ///< As given or by default.
};

struct PolicyKind {
  std::string name;
  bool is_hashed = false;  ///< Equal keys go to equal endpoints, so priorities are drawn by key.
  MadePolicy (*make)(Given& given) = nullptr;
};

[[nodiscard]] std::span<const PolicyKind> policy_kinds();
/// ValueError with the nearest name where there is none.
[[nodiscard]] const PolicyKind& policy_kind_of(const std::string& name);

}  // namespace windtunnel::bindings
