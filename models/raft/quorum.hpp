// Majority arithmetic, pure: what a majority has acknowledged, and how a vote stands.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "models/raft/position.hpp"

namespace windtunnel::raft {

[[nodiscard]] constexpr std::size_t majority_of(std::size_t voters) {
  return voters / 2 + 1;
}

/// The largest index that a majority has reached, one element per voter (zero: nothing heard).
/// Sorts `acked` in place. Nobody to ask means everything is agreed: Index::max().
[[nodiscard]] inline Index majority_index(std::span<Index> acked) {
  if (acked.empty()) {
    return Index::max();
  }
  std::sort(acked.begin(), acked.end());
  return acked[acked.size() - majority_of(acked.size())];
}

enum class VoteResult : std::uint8_t { pending, lost, won };

/// Precondition: granted + rejected <= voters.
[[nodiscard]] constexpr VoteResult vote_result(std::size_t voters, std::size_t granted,
                                               std::size_t rejected) {
  if (voters == 0 || granted >= majority_of(voters)) {
    return VoteResult::won;
  }
  return voters - rejected >= majority_of(voters) ? VoteResult::pending : VoteResult::lost;
}

}  // namespace windtunnel::raft
