// Fisher's exact test of two success counts (R. A. Fisher, The Design of Experiments, 1935, §11):
// are more of these failed than of those, beyond what chance explains? Exact at every sample size,
// whatever the common failure rate is, which no approximation by a normal is near 0 %.
#pragma once

#include <cstdint>

namespace windtunnel::health {

struct Trials {
  std::uint64_t count = 0;
  std::uint64_t failures = 0;
};

/// Natural logarithm of n!, for n < 2^53; absolute error below 10^-14 of its value.
[[nodiscard]] double log_factorial(std::uint64_t n);

/// Natural logarithm of the one-sided p-value: the chance that, of all failures of both, at least
/// `judged.failures` fall to `judged` if they fall at random (hypergeometric tail). 0, which claims
/// nothing, where `judged` does not fail more often than `other`. Cost grows with the width of the
/// distribution, not with the counts. Precondition: failures ≤ count.
[[nodiscard]] double log_fisher_exact(const Trials& judged, const Trials& other);

}  // namespace windtunnel::health
