#include "models/health/normal_tail.hpp"

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::health {
namespace {

constexpr double kLn10 = 2.302585092994045684;
constexpr double kHalfLogTwoPi = 0.918938533204672742;
// From here on the continued fraction needs fewer terms than the series, and the series' tail,
// a difference from one half, would begin to lose digits.
constexpr double kSeriesEnd = 2.5;
constexpr int kFractionTerms = 80;

/// P(0 < Z < z) for z in [0, kSeriesEnd].
double area_from_zero(double z) {
  double term = z;
  double sum = z;
  for (double odd = 3; term > sum * 1e-18; odd += 2) {
    term *= z * z / odd;
    sum += term;
  }
  return sum * portable_exp(-z * z / 2 - kHalfLogTwoPi);
}

/// P(Z > z) divided by the density at z, for z >= kSeriesEnd.
double mills_ratio(double z) {
  double fraction = z;
  for (int term = kFractionTerms; term >= 1; --term) {
    fraction = z + static_cast<double>(term) / fraction;
  }
  return 1 / fraction;
}

/// Natural logarithm of 1 - p, also where 1 - p rounds to 1.
double log_of_complement(double p) {
  if (p > 1e-3) {
    return portable_log(1 - p);
  }
  double power = p;
  double sum = 0;
  for (double order = 1; power > p * 1e-18 && power > 0; order += 1) {
    sum += power / order;
    power *= p;
  }
  return -sum;
}

double log_upper_tail(double z) {
  if (z < kSeriesEnd) {
    return portable_log(0.5 - area_from_zero(z));
  }
  return -z * z / 2 - kHalfLogTwoPi + portable_log(mills_ratio(z));
}

}  // namespace

double log10_normal_tail(double z) {
  if (z >= 0) {
    return log_upper_tail(z) / kLn10;
  }
  // Above -38 the other tail is a positive double; below, nothing of it is left.
  const double other = z > -37 ? portable_exp(log_upper_tail(-z)) : 0;
  return log_of_complement(other) / kLn10;
}

double normal_tail_quantile(double log10_probability) {
  check(log10_probability < 0, "a probability below one");
  double low = -37;
  double high = 1;
  while (log10_normal_tail(high) > log10_probability) {
    high *= 2;
  }
  for (int halving = 0; halving < 120; ++halving) {
    const double middle = low + (high - low) / 2;
    (log10_normal_tail(middle) > log10_probability ? low : high) = middle;
  }
  return high;
}

}  // namespace windtunnel::health
