// Runs a plan twice and compares event by event. A difference is a bug of ours or of a component:
// something drew from a clock, an address, a thread or an unordered container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "chaos/scenario/plan.hpp"

namespace windtunnel::chaos {

struct DeterminismCheck {
  std::string first_digest;
  std::string second_digest;
  std::uint64_t events = 0;
  /// Where they differ: the first event that does, as both runs had it, in lines for people.
  std::optional<std::string> difference;
};

/// The second run takes place on a thread of its own, so that its memory lies elsewhere.
[[nodiscard]] DeterminismCheck check_determinism(const Plan& plan);

}  // namespace windtunnel::chaos
