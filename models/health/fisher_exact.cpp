#include "models/health/fisher_exact.hpp"

#include <algorithm>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::health {
namespace {

constexpr double kHalfLogTwoPi = 0.918938533204672742;

double log_choose(std::uint64_t from, std::uint64_t taken) {
  return log_factorial(from) - log_factorial(taken) - log_factorial(from - taken);
}

}  // namespace

double log_factorial(std::uint64_t n) {
  if (n < 20) {
    std::uint64_t product = 1;
    for (std::uint64_t factor = 2; factor <= n; ++factor) {
      product *= factor;
    }
    return portable_log(static_cast<double>(product));
  }
  // Stirling's series; the first term left out is below 10^-14 from here on.
  const auto x = static_cast<double>(n);
  const double inverse = 1 / x;
  const double square = inverse * inverse;
  const double series =
      inverse * (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square / 1680)));
  return (x + 0.5) * portable_log(x) - x + kHalfLogTwoPi + series;
}

double log_fisher_exact(const Trials& judged, const Trials& other) {
  check(judged.failures <= judged.count && other.failures <= other.count,
        "nothing fails more often than it is tried");
  const auto rate = [](const Trials& trials) {
    return static_cast<double>(trials.failures) / static_cast<double>(trials.count);
  };
  if (judged.count == 0 || other.count == 0 || rate(judged) <= rate(other)) {
    return 0;
  }
  const std::uint64_t failures = judged.failures + other.failures;
  const std::uint64_t all = judged.count + other.count;
  const double log_first = log_choose(judged.count, judged.failures) +
                           log_choose(other.count, other.failures) - log_choose(all, failures);
  // Each further term relative to the first. Above the expected share of failures they only fall.
  double term = 1;
  double sum = 1;
  const std::uint64_t highest = std::min(judged.count, failures);
  for (std::uint64_t at = judged.failures; at < highest; ++at) {
    const double up = static_cast<double>(judged.count - at) * static_cast<double>(failures - at);
    const double down =
        static_cast<double>(at + 1) * static_cast<double>(other.count + at + 1 - failures);
    term *= up / down;
    sum += term;
    if (term < sum * 1e-17) {
      break;
    }
  }
  return std::min(0.0, log_first + portable_log(sum));
}

}  // namespace windtunnel::health
