// Which operations a replica has seen: a version vector that may have gaps, kept as stretches of
// numbers by replica. It is what makes removals safe to forget: an operation that was seen and is
// not there any more must not come back.
#pragma once

#include <cstdint>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/replica/dot.hpp"

namespace windtunnel::replica {

/// Both ends included.
struct Stretch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Stretch&, const Stretch&) = default;
};
BOOST_DESCRIBE_STRUCT(Stretch, (), (first, last))

/// Ascending, with a gap between any two.
struct StretchesOfReplica {
  ReplicaId replica{};
  std::vector<Stretch> stretches{};
  friend bool operator==(const StretchesOfReplica&, const StretchesOfReplica&) = default;
};
BOOST_DESCRIBE_STRUCT(StretchesOfReplica, (), (replica, stretches))

/// Equal contexts hold equal dots. One that came from a peer may be malformed: it may then answer
/// wrongly, and join() makes nothing malformed of the other.
struct CausalContext {
  std::vector<StretchesOfReplica> replicas{};  ///< Ascending; none without a stretch.

  [[nodiscard]] bool contains(const Dot& dot) const;
  [[nodiscard]] bool covers(const CausalContext& other) const;
  /// The numbers from one to this are all in it.
  [[nodiscard]] std::uint64_t prefix_of(ReplicaId replica) const;
  /// The greatest number in it, 0 where there is none.
  [[nodiscard]] std::uint64_t last_of(ReplicaId replica) const;

  void add(const Dot& dot) { add(dot.replica, {dot.number, dot.number}); }
  /// O(stretches).
  void add(ReplicaId replica, Stretch added);
  void join(const CausalContext& other);

  friend bool operator==(const CausalContext&, const CausalContext&) = default;
};
BOOST_DESCRIBE_STRUCT(CausalContext, (), (replicas))

}  // namespace windtunnel::replica
