// Replicas of which every step is drawn: operations, deliveries in any order, operations lost for
// good, repairs that overlap with all of that and break off, deletions forgotten. Then everything
// is repaired, and all must hold what the operations come to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "models/replica/replica.hpp"

namespace windtunnel::replica {

/// What went wrong with this seed, in words.
[[nodiscard]] std::optional<std::string> breach_of(std::uint64_t seed, StampKind stamps);

}  // namespace windtunnel::replica
