// Who replicates, and the name of one operation: the replica that accepted it and its number there.
#pragma once

#include <compare>
#include <cstdint>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"

namespace windtunnel::replica {

/// A replica; dense from zero among those that replicate with each other.
using ReplicaId = Id<struct ReplicaTag>;

/// Numbers begin at one, have no gaps, and are never used twice, not even after a restart.
struct Dot {
  ReplicaId replica{};
  std::uint64_t number = 0;
  friend auto operator<=>(const Dot&, const Dot&) = default;
};
BOOST_DESCRIBE_STRUCT(Dot, (), (replica, number))

}  // namespace windtunnel::replica
