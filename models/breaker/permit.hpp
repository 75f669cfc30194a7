// What a breaker answers to a call that asks to be let through.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>

#include "models/breaker/transition.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// One stay in one state. Grows with every transition and is never used again.
using Generation = Id<struct GenerationTag, std::uint64_t>;

/// The right to make one call, to be settled once. It is valid in its generation only: a call that
/// was admitted before a transition says nothing about the state after it (gobreaker's rule;
/// resilience4j and Sentinel let such calls decide their half-open state).
struct Permit {
  Generation generation{};
  std::uint64_t serial = 0;  ///< Different for every permit of one breaker.
  std::uint32_t slot = 0;    ///< In a trial.
  Instant admitted{};
};

struct Refusal {
  State state{};  ///< open, half_open (all permits used up) or forced_open.
  /// The earliest time at which asking again can help, as far as time alone decides it.
  std::optional<Instant> retry_at;
};

using Admission = std::variant<Permit, Refusal>;

/// What became of a settled permit.
enum class Settlement : std::uint8_t {
  counted,  ///< Counted, or ignored as its outcome asked for, in the state that admitted it.
  stale,    ///< Of an earlier generation, or of a trial and leaked or settled before: no effect.
};

}  // namespace windtunnel::breaker
