// One world by seed: three nodes, writers, incrementers, watchers and lease holders under crashes,
// partitions and pauses, then healed; and what must hold of all that was observed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace windtunnel::kv {

/// What a run went through: a run that saw none of it proves nothing.
struct SwarmTally {
  std::uint64_t leaders = 0;
  std::uint64_t events = 0;
  std::uint64_t resumptions = 0;
  std::uint64_t lists = 0;
  std::uint64_t conflicts = 0;
  std::uint64_t increments = 0;
  std::uint64_t leases_expired = 0;
};

/// The first promise found broken, if any. Adds to the tally.
[[nodiscard]] std::optional<std::string> run_swarm(std::uint64_t seed, SwarmTally& tally);

}  // namespace windtunnel::kv
