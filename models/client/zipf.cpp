#include "models/client/zipf.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::client {

namespace {

// Below this, series are more exact than quotients of small differences.
constexpr double kSmall = 1e-5;

/// log(1 + t) / t.
double log_quotient(double t) {
  return std::abs(t) > kSmall ? portable_log(1 + t) / t : 1 - t * (0.5 - t / 3);
}

/// (e^t - 1) / t.
double exp_quotient(double t) {
  return std::abs(t) > kSmall ? (portable_exp(t) - 1) / t : 1 + t * (0.5 + t / 6);
}

}  // namespace

Zipf::Zipf(std::uint64_t count, double exponent) : count_(count), exponent_(exponent) {
  check(count > 0 && exponent >= 0, "popularity needs something to be popular, and falls");
  first_area_ = integral(1.5) - 1;
  last_area_ = integral(static_cast<double>(count) + 0.5);
  sure_ = 2 - inverse(integral(2.5) - density(2));
}

double Zipf::density(double x) const {
  return portable_exp(-exponent_ * portable_log(x));
}

double Zipf::integral(double x) const {
  const double log_x = portable_log(x);
  return log_x * exp_quotient((1 - exponent_) * log_x);
}

double Zipf::inverse(double area) const {
  // Rounding may push the argument just past the pole of the logarithm.
  const double t = std::max(area * (1 - exponent_), -1 + 1e-15);
  return portable_exp(log_quotient(t) * area);
}

std::uint64_t Zipf::operator()(RandomStream& random) const {
  if (exponent_ == 0) {
    return random.below(count_);
  }
  for (;;) {
    const double area = last_area_ + random.unit() * (first_area_ - last_area_);
    const double x = inverse(area);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, static_cast<double>(count_));
    if (rank - x <= sure_ || area >= integral(rank + 0.5) - density(rank)) {
      return static_cast<std::uint64_t>(rank) - 1;
    }
  }
}

}  // namespace windtunnel::client
