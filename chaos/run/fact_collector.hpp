// Turns the facts that a world states, as they come, into the columns of a RunRecord, and holds
// Raft's invariants against them: a breach ends the run at its event.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "chaos/measure/record.hpp"
#include "chaos/run/replication_collector.hpp"
#include "models/raft/invariants.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

class FactCollector {
 public:
  /// Observes `world` and writes into `record`; both must outlive it.
  FactCollector(sim::World& world, RunRecord& record);

  /// From now on only the ends of operations are collected and invariants checked: the run proper
  /// is over.
  void close() { is_closed_ = true; }

  /// A write that a client was told about, or not: what the final reads look for.
  struct Write {
    HostId client;
    std::uint32_t load = 0;
    std::uint64_t number = 0;
    std::size_t operation = 0;  ///< Index into RunRecord::operations.
  };
  [[nodiscard]] const std::vector<Write>& writes() const { return writes_; }

 private:
  void observe(const sim::FreshFact& fact);
  /// Whether it was about an operation of a client.
  bool observe_operation(const sim::FreshFact& fact);
  /// Whether it was a fact of Raft's.
  bool observe_raft(const sim::FreshFact& fact);
  bool observe_rollout(const sim::FreshFact& fact);
  /// Whether it was about configuration.
  bool observe_policy(const sim::FreshFact& fact);
  /// Whether it was about instances.
  bool observe_registry(const sim::FreshFact& fact);
  template <typename T>
  bool check_invariants(const sim::FreshFact& fact);

  sim::World& world_;
  RunRecord& record_;
  raft::Invariants invariants_;
  ReplicationCollector replication_;
  std::map<std::pair<HostId, std::uint32_t>, std::vector<std::size_t>> operations_of_load_;
  std::vector<Write> writes_;
  std::set<std::pair<std::uint64_t, std::string>> fed_;  ///< What one node, at least, has stated.
  std::map<std::string, HostId, std::less<>> hosts_;
  bool is_closed_ = false;
};

}  // namespace windtunnel::chaos
