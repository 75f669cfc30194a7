// Logarithm and exponential made of IEEE-754 additions, multiplications and divisions only, so that
// every compiler, C library and processor gives the same bits. The C library's own differ in the
// last place (glibc picks a variant by processor), which would be enough to change a run's digest.
#pragma once

#include <cstdint>

namespace windtunnel {

/// `x` to the nearest integer, halves away from zero: what std::llround gives, but in line. Defined
/// for |x| < 2^63.
[[nodiscard]] inline std::int64_t rounded(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  const double rest = x - static_cast<double>(whole);  // Exact.
  return whole + (rest >= 0.5 ? 1 : 0) - (rest <= -0.5 ? 1 : 0);
}

/// Natural logarithm of `x` > 0, finite and normal; error below 2 ulp. Table of 64ths and a series
/// of atanh on [√½, √2).
[[nodiscard]] double portable_log(double x);

/// e to the power `x`; 0 below −700, and `x` is clamped to 700; error below 2 ulp. Taylor series
/// after reduction by ln 2.
[[nodiscard]] double portable_exp(double x);

}  // namespace windtunnel
