#include "runtime/portable_math.hpp"

#include <array>
#include <bit>
#include <cstdint>

#include "runtime/check.hpp"

namespace windtunnel {

namespace {

// ln 2 split so that k * kLn2High is exact for every exponent k of a double.
constexpr double kLn2High = 0x1.62e42feep-1;
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kInverseLn2 = 0x1.71547652b82fep+0;
constexpr double kSqrtHalf = 0x1.6a09e667f3bcdp-1;
// 1/21, 1/19, ... 1/3: the series of atanh, from its far end.
constexpr std::array<double, 10> kOddReciprocals = [] {
  std::array<double, 10> terms{};
  for (std::size_t i = 0; i < terms.size(); ++i) {
    terms[i] = 1.0 / (21.0 - 2.0 * static_cast<double>(i));
  }
  return terms;
}();
// 1/14!, 1/13!, ... 1/0!: factorials up to 18! are exact, so each is one correctly rounded
// division.
constexpr std::array<double, 15> kInverseFactorials = [] {
  std::array<double, 15> terms{};
  double factorial = 1;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    factorial *= i == 0 ? 1.0 : static_cast<double>(i);
    terms[terms.size() - 1 - i] = 1.0 / factorial;
  }
  return terms;
}();
constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;

/// The Taylor series of exp up to r^14. What follows 1 + r is summed in pairs (Estrin's scheme):
/// the processor works on several at once, where Horner's scheme waits for each term.
double exp_series(double r) {
  const auto& c = kInverseFactorials;
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double r8 = r4 * r4;
  const double from_2 = (c[12] + c[11] * r) + (c[10] + c[9] * r) * r2;
  const double from_6 = (c[8] + c[7] * r) + (c[6] + c[5] * r) * r2;
  const double from_10 = (c[4] + c[3] * r) + (c[2] + c[1] * r) * r2 + c[0] * r4;
  return 1 + (r + ((from_2 + from_6 * r4) + from_10 * r8) * r2);
}

}  // namespace

double portable_log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  int exponent = static_cast<int>(bits >> kMantissaBits);
  check(exponent > 0 && exponent < 2047, "portable_log needs a positive, finite, normal number");
  exponent -= kExponentBias - 1;
  // The mantissa with the exponent of numbers in [0.5, 1).
  double m = std::bit_cast<double>((bits & 0x000fffffffffffffULL) | 0x3fe0000000000000ULL);
  if (m < kSqrtHalf) {
    m *= 2;
    --exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double series = 0;
  for (const double reciprocal : kOddReciprocals) {
    series = (series + reciprocal) * s2;
  }
  const double log_m = 2 * s + 2 * s * series;
  const double k = exponent;
  return k * kLn2High + (k * kLn2Low + log_m);
}

double portable_exp(double x) {
  if (x < -700) {
    return 0;
  }
  if (x > 700) {
    x = 700;
  }
  const double scaled = x * kInverseLn2;
  const int k = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  return exp_series(r) *
         std::bit_cast<double>(static_cast<std::uint64_t>(k + kExponentBias) << kMantissaBits);
}

}  // namespace windtunnel
