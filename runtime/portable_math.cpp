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
// The logarithms of i/64 for those i/64 that lie next to some number of [sqrt(1/2), sqrt(2)).
constexpr double kSteps = 64;
constexpr int kFirstStep = 45;
constexpr std::array<double, 47> kLogOfStep = [] {
  std::array<double, 47> logs{};
  for (std::size_t i = 0; i < logs.size(); ++i) {
    const double m = (kFirstStep + static_cast<double>(i)) / kSteps;
    const double s = (m - 1) / (m + 1);
    double series = 0;
    for (double odd = 21; odd > 1; odd -= 2) {
      series = (series + 1 / odd) * (s * s);
    }
    logs[i] = 2 * s + 2 * s * series;
  }
  return logs;
}();
// 2^(j/32), correctly rounded.
constexpr std::array<double, 32> kRootsOfTwo = {
    0x1.0000000000000p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0,
    0x1.172b83c7d517bp+0, 0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0,
    0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0, 0x1.3dea64c123422p+0, 0x1.44e086061892dp+0,
    0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0, 0x1.6247eb03a5585p+0,
    0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0,
    0x1.ae89f995ad3adp+0, 0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0,
    0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0, 0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0,
};
constexpr int kMantissaBits = 52;
constexpr int kExponentBias = 1023;

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
  // log m = log c + 2 atanh((m - c) / (m + c)) for a c so near that three terms are enough; c is 1
  // about 1, where nothing but the second part is left (Tang, "Table-driven implementation of the
  // logarithm function", ACM TOMS 16, 1990).
  const int step = static_cast<int>(m * kSteps + 0.5);
  const double c = step / kSteps;
  const double s = (m - c) / (m + c);
  const double s2 = s * s;
  const double series = s2 * (1.0 / 3 + s2 * (1.0 / 5 + s2 * (1.0 / 7)));
  const double log_m =
      kLogOfStep[static_cast<std::size_t>(step - kFirstStep)] + (2 * s + 2 * s * series);
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
  // exp(x) = 2^k * 2^(j/32) * exp(r) with |r| <= ln 2 / 64, where six terms of the series are
  // enough (P. T. P. Tang, "Table-driven implementation of the exponential function", ACM TOMS 15,
  // 1989).
  constexpr int kRootBits = 5;
  constexpr double kRoots = 1 << kRootBits;
  const double scaled = x * (kInverseLn2 * kRoots);
  const int n = static_cast<int>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
  const double r = (x - n * (kLn2High / kRoots)) - n * (kLn2Low / kRoots);
  const double r2 = r * r;
  const double series =
      r + r2 * ((1.0 / 2 + r * (1.0 / 6)) + r2 * ((1.0 / 24 + r * (1.0 / 120)) + r2 * (1.0 / 720)));
  const double root = kRootsOfTwo[static_cast<std::size_t>(n & ((1 << kRootBits) - 1))];
  const int k = n >> kRootBits;
  return (root + root * series) *
         std::bit_cast<double>(static_cast<std::uint64_t>(k + kExponentBias) << kMantissaBits);
}

}  // namespace windtunnel
