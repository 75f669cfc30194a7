#include "models/health/fisher_exact.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/portable_math.hpp"
#include "runtime/random.hpp"

namespace windtunnel::health {
namespace {

struct FisherRow {
  Trials judged;
  Trials other;
  double log_p;
};

TEST(FisherExact, AgreesWithExactRationalArithmetic) {
  // Sums of binomial coefficients as whole numbers in Python, the logarithm by mpmath 1.3.
  constexpr std::array kTable{FisherRow{{5, 5}, {5, 0}, -5.5294290875114233},
                              FisherRow{{10, 3}, {10, 1}, -1.2343575409526526},
                              FisherRow{{50, 10}, {50, 0}, -7.4296086983385267},
                              FisherRow{{100, 50}, {100, 0}, -42.950272739191332},
                              FisherRow{{100, 12}, {100, 5}, -2.7632020253374752},
                              FisherRow{{1000, 120}, {900, 50}, -14.591826039389876},
                              FisherRow{{100, 100}, {10000, 3}, -545.71491549284364},
                              FisherRow{{37, 20}, {4211, 17}, -77.789151732172844},
                              FisherRow{{200000, 2300}, {180000, 1700}, -21.978155441046047},
                              FisherRow{{3, 1}, {1, 0}, -0.28768207245178093}};
  for (const FisherRow& row : kTable) {
    EXPECT_NEAR(log_fisher_exact(row.judged, row.other), row.log_p, 1e-8)
        << row.judged.failures << " of " << row.judged.count;
  }
}

TEST(FisherExact, ClaimsNothingAgainstAHostThatFailsNoMoreOften) {
  EXPECT_EQ(log_fisher_exact({100, 5}, {100, 5}), 0);
  EXPECT_EQ(log_fisher_exact({100, 0}, {100, 50}), 0);
  EXPECT_EQ(log_fisher_exact({0, 0}, {100, 50}), 0);
}

TEST(FisherExact, HoldsItsLevelForEqualHostsAtEveryRate) {
  constexpr int kTrials = 4000;
  constexpr double kLevel = 0.05;
  for (const double rate : {0.02, 0.2, 0.5, 0.95}) {
    RandomStream random(static_cast<std::uint64_t>(rate * 100), "fisher");
    const Probability fails = Probability::of_ratio(rate);
    int rejections = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      Trials judged{.count = 60};
      Trials other{.count = 90};
      for (std::uint64_t request = 0; request < 90; ++request) {
        other.failures += random.chance(fails) ? 1U : 0U;
        judged.failures += request < 60 && random.chance(fails) ? 1U : 0U;
      }
      rejections += log_fisher_exact(judged, other) <= portable_log(kLevel) ? 1 : 0;
    }
    EXPECT_LE(rejections, kLevel * kTrials + 3 * std::sqrt(kTrials * kLevel * (1 - kLevel)));
  }
}

TEST(LogFactorial, AgreesWithATableOfHighPrecision) {
  struct Row {
    std::uint64_t n;
    double log_factorial;
  };
  // loggamma(n + 1) by mpmath 1.3.
  for (const Row& row :
       {Row{0, 0.0}, Row{1, 0.0}, Row{2, 0.693147180559945309}, Row{19, 39.339884187199494},
        Row{20, 42.335616460753485}, Row{21, 45.380138898476908}, Row{100, 363.73937555556349},
        Row{170, 706.573062245787347}, Row{1000, 5912.12817848816335},
        Row{1'000'000, 12815518.3846581696}, Row{1'000'000'000'000, 26631021115943.2827}}) {
    EXPECT_NEAR(log_factorial(row.n), row.log_factorial, 1e-15 + 3e-15 * row.log_factorial)
        << row.n;
  }
}

}  // namespace
}  // namespace windtunnel::health
