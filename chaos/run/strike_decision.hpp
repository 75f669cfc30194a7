// Deciding at the moment of a strike whom it hits, from outside: for experiments that a target
// expression cannot say.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "chaos/scenario/timeline.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// What there is to know when a fault is about to strike.
struct StrikeMoment {
  TrueInstant at;
  std::optional<HostId> leader;  ///< Of the control plane; nobody where there is none.
  std::uint64_t term = 0;        ///< The leader's.
  std::vector<HostId> running;   ///< Ascending.
};

/// The hosts to strike; none of them: a strike that hits nobody. Nothing: no strike at all.
using StrikeDecision = std::function<std::optional<std::vector<HostId>>(const StrikeMoment&)>;

/// By the ids of timeline entries.
using StrikeDecisions = std::map<std::string, StrikeDecision, std::less<>>;

/// Whether a fault has targets that could be decided on; changes of policy, rollouts and surges
/// have none.
[[nodiscard]] bool has_target(const Fault& fault);

/// The same fault on these hosts, by name; of one between two sides, the first side.
[[nodiscard]] Fault aimed_at(Fault fault, const std::vector<std::string>& hosts);

}  // namespace windtunnel::chaos
