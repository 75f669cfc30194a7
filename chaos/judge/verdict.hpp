// The four verdicts, their order, and the exit code each one means to a shell. How a run earns its
// verdict is judgement.hpp's business.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace windtunnel::chaos {

/// Ordered from best to worst, so that comparing two verdicts compares how bad they are.
enum class Verdict : std::uint8_t { pass, inconclusive, fail, error };

/// The verdict of two things judged together. Associative, commutative and idempotent; `pass` is
/// neutral.
[[nodiscard]] constexpr Verdict worst(Verdict a, Verdict b) {
  return std::max(a, b);
}

[[nodiscard]] std::string_view to_string(Verdict verdict);

/// 0 pass, 1 fail, 2 inconclusive, 4 error. (3, bad input, never gets as far as a verdict.)
[[nodiscard]] int exit_code(Verdict verdict);

}  // namespace windtunnel::chaos
