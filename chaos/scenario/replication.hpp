// Multi-active replication as a plan has it: which hosts are replicas, by what rules, and who
// writes and reads through them. Values only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "chaos/scenario/quantity.hpp"
#include "models/replica/call_kind.hpp"
#include "models/replica/hybrid_clock.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// Clients of replicas: open loop, Poisson arrivals. Each asks the replica of its own zone, or else
/// of its region.
struct ReplicationLoad {
  std::vector<HostId> from;      ///< Ascending; the rate is the sum over all of them.
  std::vector<HostId> replicas;  ///< Which each of them asks.
  Rate rate;
  /// How often each kind of call comes, by replica::CallKind.
  std::array<std::uint32_t, replica::kCallKinds> mix{4, 1, 2, 1, 2};
  std::uint32_t keys = 100;  ///< Of the map, and as many elements of the set.
  double skew = 0;           ///< Zipf's exponent; 0: all keys alike.
  Duration timeout = std::chrono::seconds{1};
  friend bool operator==(const ReplicationLoad&, const ReplicationLoad&) = default;
};

struct Replication {
  std::vector<HostId> on;  ///< Ascending, two at least; a host's position is its ReplicaId.
  replica::StampKind stamps = replica::StampKind::hybrid;
  Duration max_ahead = std::chrono::milliseconds{500};
  Duration retry = std::chrono::milliseconds{500};
  std::uint32_t hints = 10'000;  ///< Operations kept for peers out of reach.
  std::optional<Duration> repair_every = std::chrono::seconds{10};
  std::optional<Duration> deletions_kept;  ///< Absent: until everybody has seen them.
  std::vector<ReplicationLoad> loads;
  friend bool operator==(const Replication&, const Replication&) = default;
};

}  // namespace windtunnel::chaos
