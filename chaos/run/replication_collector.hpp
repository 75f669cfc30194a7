// Turns what replicas and their clients state into the rows of a ReplicationRecord, and looks at
// what the replicas hold once all is quiet.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "chaos/measure/record.hpp"
#include "chaos/scenario/plan.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

class ReplicationCollector {
 public:
  explicit ReplicationCollector(RunRecord& record) : record_(record) {}

  /// Whether the fact was about replication. Once `is_closed`, calls still end and operations are
  /// still accepted, and nothing else is collected.
  bool observe(const sim::FreshFact& fact, bool is_closed);

 private:
  void accept(const sim::FreshFact& fact);
  void invoke(const sim::FreshFact& fact);
  void end(const sim::FreshFact& fact);

  RunRecord& record_;
  std::set<replica::Dot> accepted_;
  /// By client, load and number.
  std::map<std::pair<HostId, std::pair<std::uint32_t, std::uint64_t>>, std::size_t> calls_;
};

/// Runs the world on until all replicas have seen the same and hold the same, or for so long that
/// they never will, and records what they hold. All hosts must be running.
void hold_up_replicas(sim::World& world, const Plan& plan, RunRecord& record);

}  // namespace windtunnel::chaos
