// What one host of a plan has of its replication: a replica, the clients of loads, both or neither.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "chaos/scenario/plan.hpp"
#include "models/replica/node.hpp"
#include "models/replica/workload.hpp"
#include "runtime/host.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// Part of a Program. Precondition: the plan has replicas.
class ReplicationOfHost {
 public:
  ReplicationOfHost(Host& host, const Plan& plan, const sim::World& world);

  /// Null where this host is none.
  [[nodiscard]] const replica::Node* replica() const { return node_ ? &*node_ : nullptr; }

 private:
  std::optional<replica::Node> node_;
  std::vector<std::unique_ptr<replica::Workload>> loads_;
};

}  // namespace windtunnel::chaos
