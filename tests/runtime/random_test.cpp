#include "runtime/random.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel {
namespace {

struct KnownAnswer {
  std::array<std::uint64_t, 4> counter;
  std::array<std::uint64_t, 2> key;
  std::array<std::uint64_t, 4> answer;
};

// The philox4x64 10 lines of Random123's tests/kat_vectors (github.com/DEShawResearch/random123).
const std::array kKnownAnswers{
    KnownAnswer{{0, 0, 0, 0},
                {0, 0},
                {0x16554d9eca36314c, 0xdb20fe9d672d0fdc, 0xd7e772cee186176b, 0x7e68b68aec7ba23b}},
    KnownAnswer{{~0ULL, ~0ULL, ~0ULL, ~0ULL},
                {~0ULL, ~0ULL},
                {0x87b092c3013fe90b, 0x438c3c67be8d0224, 0x9cc7d7c69cd777b6, 0xa09caebf594f0ba0}},
    KnownAnswer{{0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
                {0x452821e638d01377, 0xbe5466cf34e90c6c},
                {0xa528f45403e61d95, 0x38c72dbd566e9788, 0xa5a1610e72fd18b5, 0x57bd43b5e52b7fe6}}};

TEST(Philox, GivesThePublishedAnswers) {
  for (const KnownAnswer& known : kKnownAnswers) {
    EXPECT_EQ(philox4x64(known.counter, known.key), known.answer);
  }
}

std::vector<std::uint64_t> first_draws(RandomStream stream, int count) {
  std::vector<std::uint64_t> draws;
  for (int i = 0; i < count; ++i) {
    draws.push_back(stream.next());
  }
  return draws;
}

TEST(RandomStream, RepeatsForTheSameSeedAndPurpose) {
  EXPECT_EQ(first_draws(RandomStream{7, "a"}, 1000), first_draws(RandomStream{7, "a"}, 1000));
}

TEST(RandomStream, SharesNoDrawBetweenSeedsOrPurposes) {
  std::set<std::uint64_t> seen;
  for (const auto& stream : {RandomStream{7, "a"}, RandomStream{8, "a"}, RandomStream{7, "b"},
                             RandomStream{7, ""}, RandomStream{7, "aa"}}) {
    for (const std::uint64_t draw : first_draws(stream, 1000)) {
      EXPECT_TRUE(seen.insert(draw).second);
    }
  }
}

TEST(RandomStream, StreamsOfDifferentPurposesAreUncorrelated) {
  RandomStream left{1, "left"};
  RandomStream right{1, "right"};
  constexpr int kDraws = 200'000;
  double product = 0;
  for (int i = 0; i < kDraws; ++i) {
    product += (left.unit() - 0.5) * (right.unit() - 0.5);
  }
  // The correlation of independent uniforms has a deviation of 1/sqrt(n).
  EXPECT_LT(std::abs(product / kDraws * 12), 4 / std::sqrt(double{kDraws}));
}

double chi_square(RandomStream stream, std::uint64_t bound, int draws) {
  std::vector<int> counts(bound);
  for (int i = 0; i < draws; ++i) {
    ++counts.at(stream.below(bound));
  }
  const double expected = static_cast<double>(draws) / static_cast<double>(bound);
  double sum = 0;
  for (const int count : counts) {
    sum += (count - expected) * (count - expected) / expected;
  }
  return sum;
}

TEST(RandomStream, BelowIsUniformByChiSquare) {
  // Mean bound-1, deviation sqrt(2(bound-1)): five deviations would be a bias.
  for (const std::uint64_t bound : {2U, 3U, 6U, 10U, 100U, 1000U}) {
    const double freedom = static_cast<double>(bound - 1);
    const double statistic = chi_square(RandomStream{bound, "chi"}, bound, 300'000);
    EXPECT_LT(std::abs(statistic - freedom), 5 * std::sqrt(2 * freedom)) << bound;
  }
}

TEST(RandomStream, BelowIsUnbiasedWhereModuloWouldFavourTheLowerThird) {
  // Of 2^64 values, 3 * 2^62 does not divide them: plain modulo gives the lowest third twice the
  // weight.
  constexpr std::uint64_t kBound = 3ULL << 62;
  RandomStream stream{1, "modulo"};
  constexpr int kDraws = 100'000;
  int low = 0;
  for (int i = 0; i < kDraws; ++i) {
    low += stream.below(kBound) < (1ULL << 62) ? 1 : 0;
  }
  EXPECT_NEAR(low, kDraws / 3.0, 5 * std::sqrt(kDraws * 2 / 9.0));
}

RC_GTEST_PROP(RandomStream, UniformStaysWithinItsEndsAndReachesBoth, (std::uint32_t seed)) {
  const Duration low{*rc::gen::inRange(-1000, 1000)};
  const Duration high = low + Duration{*rc::gen::inRange(0, 4)};
  RandomStream stream{seed, "uniform"};
  std::set<Duration> seen;
  for (int i = 0; i < 300; ++i) {
    const Duration draw = stream.uniform(low, high);
    RC_ASSERT(draw >= low && draw <= high);
    seen.insert(draw);
  }
  RC_ASSERT(*seen.begin() == low && *seen.rbegin() == high);
}

TEST(RandomStream, ChanceHitsInProportion) {
  RandomStream stream{3, "chance"};
  constexpr int kDraws = 200'000;
  for (const double ratio : {0.01, 0.3, 0.5, 0.99}) {
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) {
      hits += stream.chance(Probability::of_ratio(ratio)) ? 1 : 0;
    }
    EXPECT_NEAR(hits, kDraws * ratio, 5 * std::sqrt(kDraws * ratio * (1 - ratio))) << ratio;
  }
}

TEST(RandomStream, ChanceIsExactAtItsEnds) {
  RandomStream stream{3, "ends"};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_FALSE(stream.chance(Probability{}));
    ASSERT_TRUE(stream.chance(Probability::of_ratio(1)));
  }
}

TEST(RandomStream, ChanceDrawsOnceWhateverTheProbability) {
  RandomStream certain{3, "aligned"};
  RandomStream even{3, "aligned"};
  for (int i = 0; i < 10; ++i) {
    (void)certain.chance(Probability{});
    (void)even.chance(Probability::of_ratio(0.5));
  }
  EXPECT_EQ(certain.next(), even.next());
}

struct Moments {
  double mean = 0;
  double variance = 0;
};

template <typename Draw>
Moments moments_of(Draw draw, int count) {
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < count; ++i) {
    const double value = draw();
    sum += value;
    squares += value * value;
  }
  const double mean = sum / count;
  return {mean, squares / count - mean * mean};
}

TEST(RandomStream, NormalHasMeanZeroAndVarianceOne) {
  RandomStream stream{5, "normal"};
  const Moments moments = moments_of([&] { return stream.normal(); }, 400'000);
  EXPECT_NEAR(moments.mean, 0, 5 / std::sqrt(400'000.0));
  EXPECT_NEAR(moments.variance, 1, 5 * std::sqrt(2 / 400'000.0));
}

TEST(RandomStream, ExponentialHasMeanOneAndVarianceOne) {
  RandomStream stream{5, "exponential"};
  const Moments moments = moments_of([&] { return stream.exponential(); }, 400'000);
  EXPECT_NEAR(moments.mean, 1, 5 / std::sqrt(400'000.0));
  EXPECT_NEAR(moments.variance, 1, 5 * std::sqrt(8 / 400'000.0));
}

RC_GTEST_PROP(Probability, EitherIsOneMinusTheProductOfTheComplements, ()) {
  const auto p = Probability::of_parts(*rc::gen::inRange<std::uint64_t>(0, Probability::kOne + 1));
  const auto q = Probability::of_parts(*rc::gen::inRange<std::uint64_t>(0, Probability::kOne + 1));
  const double expected = 1 - (1 - p.ratio()) * (1 - q.ratio());
  RC_ASSERT(std::abs(p.either(q).ratio() - expected) <= 0x1p-32);
  RC_ASSERT(p.either(q) >= std::max(p, q));
  RC_ASSERT(p.either(q) == q.either(p));
}

TEST(Probability, EitherKeepsCertaintyAndIgnoresImpossibility) {
  const auto certain = Probability::of_ratio(1);
  const auto third = Probability::of_ratio(1.0 / 3);
  EXPECT_EQ(certain.either(third), certain);
  EXPECT_EQ(third.either(certain), certain);
  EXPECT_EQ(third.either(Probability{}), third);
  EXPECT_EQ(Probability{}.either(third), third);
}

TEST(Probability, OfRatioClampsAndRoundsToNearest) {
  EXPECT_EQ(Probability::of_ratio(-0.5), Probability{});
  EXPECT_EQ(Probability::of_ratio(std::nan("")), Probability{});
  EXPECT_EQ(Probability::of_ratio(1.5).parts(), Probability::kOne);
  EXPECT_EQ(Probability::of_ratio(0.25).parts(), Probability::kOne / 4);
}

}  // namespace
}  // namespace windtunnel
