// Enumerates what a breaker can do: every sequence of inputs up to a depth, with invariants and a
// reference that must agree after each input.
#pragma once

#include <cstdint>
#include <string>

namespace windtunnel::breaker {

struct Exploration {
  std::uint64_t states = 0;       ///< Different states reached.
  std::uint64_t steps = 0;        ///< Inputs applied to them.
  std::uint64_t transitions = 0;  ///< Of those, inputs that changed the breaker's state.
  std::string breach;             ///< Empty, or the invariant and the inputs that broke it.
};

/// Sequences that lead to equal states are gone on from once: the future of a plain state machine
/// depends on its state alone.
enum class Merge : std::uint8_t { never, equal_states };

[[nodiscard]] Exploration explore(int depth, Merge merge);

}  // namespace windtunnel::breaker
