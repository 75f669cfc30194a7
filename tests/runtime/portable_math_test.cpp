#include "runtime/portable_math.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "runtime/check.hpp"
#include "runtime/random.hpp"

namespace windtunnel {
namespace {

/// The distance between `got` and the more precise `expected`, in units of got's last place.
double ulps_off(double got, long double expected) {
  const double next = std::nextafter(std::abs(got), std::numeric_limits<double>::infinity());
  const long double ulp = static_cast<long double>(next) - std::abs(got);
  return static_cast<double>(std::abs(static_cast<long double>(got) - expected) / ulp);
}

TEST(Rounded, IsWhatTheLibraryRoundsTo) {
  RandomStream random{1, "rounded"};
  for (int i = 0; i < 300'000; ++i) {
    const double x = std::ldexp(random.unit() - 0.5, static_cast<int>(random.below(63)));
    ASSERT_EQ(rounded(x), std::llround(x)) << x;
    const double half = std::trunc(std::ldexp(random.unit(), 30)) + 0.5;
    for (const double near : {half, std::nextafter(half, 0), std::nextafter(half, 1e18)}) {
      ASSERT_EQ(rounded(near), std::llround(near)) << near;
      ASSERT_EQ(rounded(-near), std::llround(-near)) << near;
    }
  }
}

TEST(PortableLog, StaysWithinTwoUlpOverAllMagnitudes) {
  RandomStream random{1, "log"};
  for (int i = 0; i < 300'000; ++i) {
    const double x =
        std::ldexp(0.5 + random.unit() / 2, static_cast<int>(random.below(2000)) - 1000);
    ASSERT_LT(ulps_off(portable_log(x), std::log(static_cast<long double>(x))), 2.0) << x;
  }
}

TEST(PortableLog, StaysWithinTwoUlpNearOne) {
  RandomStream random{1, "near one"};
  for (int i = 0; i < 300'000; ++i) {
    const double x = 1 + std::ldexp(random.unit() - 0.5, -static_cast<int>(random.below(40)));
    if (x != 1) {
      ASSERT_LT(ulps_off(portable_log(x), std::log(static_cast<long double>(x))), 2.0) << x;
    }
  }
}

TEST(PortableLog, IsZeroAtOneAndExactToTwoUlpAtPowersOfTwo) {
  EXPECT_EQ(portable_log(1), 0);
  for (int k = -1022; k <= 1023; ++k) {
    const double x = std::ldexp(1.0, k);
    ASSERT_LE(std::abs(portable_log(x) - k * std::log(2.0)), 4e-16 * (std::abs(k) + 1)) << k;
  }
}

TEST(PortableLog, RefusesWhatHasNoLogarithm) {
  EXPECT_THROW((void)portable_log(0), ProgrammingError);
  EXPECT_THROW((void)portable_log(-1), ProgrammingError);
  EXPECT_THROW((void)portable_log(std::numeric_limits<double>::infinity()), ProgrammingError);
  EXPECT_THROW((void)portable_log(std::numeric_limits<double>::quiet_NaN()), ProgrammingError);
}

TEST(PortableExp, StaysWithinTwoUlp) {
  RandomStream random{1, "exp"};
  for (int i = 0; i < 300'000; ++i) {
    const double scale = std::ldexp(1.0, static_cast<int>(random.below(20)) - 10);
    const double x = (random.unit() - 0.5) * 1.3 * scale;
    ASSERT_LT(ulps_off(portable_exp(x), std::exp(static_cast<long double>(x))), 2.0) << x;
  }
}

TEST(PortableExp, SaturatesAtItsEnds) {
  EXPECT_EQ(portable_exp(-701), 0);
  EXPECT_EQ(portable_exp(1e9), portable_exp(700));
  EXPECT_GT(portable_exp(-700), 0);
  EXPECT_EQ(portable_exp(0), 1);
}

}  // namespace
}  // namespace windtunnel
