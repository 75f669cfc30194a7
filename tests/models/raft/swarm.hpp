// Swarm testing (Groce et al., "Swarm Testing", ISSTA 2012): each seed draws a cluster, a mix of
// faults and a schedule, runs it under the invariant checker, then heals it and asks for
// convergence.
#pragma once

#include <cstdint>
#include <optional>

#include "models/raft/invariants.hpp"

namespace windtunnel::raft {

/// What a seed did, so that a test can tell that the swarm is not idle.
struct SwarmRun {
  std::optional<Breach> breach;
  std::uint64_t elections = 0;
  std::uint64_t acknowledged = 0;  ///< Proposals a proposing leader saw applied.
  std::uint64_t crashes = 0;
  std::uint64_t reads = 0;  ///< Linearizable reads answered.
};

[[nodiscard]] SwarmRun run_swarm(std::uint64_t seed);

}  // namespace windtunnel::raft
