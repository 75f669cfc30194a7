#include "models/identity/renewal.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::identity {
namespace {

using namespace std::chrono_literals;

constexpr Duration kDay = 24h;

Instant first_due(std::uint64_t seed, const RenewalOptions& options = {}) {
  Renewal renewal{options, RandomStream{seed, "renewal"}};
  EXPECT_TRUE(renewal.poll(Instant{}));
  renewal.install(Instant{}, kDay);
  return renewal.next_deadline();
}

TEST(Renewal, AsksAtOnceAndThenNotBeforeItIsAnswered) {
  Renewal renewal{{}, RandomStream{1, "renewal"}};
  EXPECT_TRUE(renewal.poll(Instant{}));
  EXPECT_FALSE(renewal.poll(Instant{1h}));
  EXPECT_EQ(renewal.next_deadline(), Instant::max());
}

TEST(Renewal, FallsOnTheMomentsOfAUniformDistributionAroundHalfOfTheLifetime) {
  // U((1-g-j)L, (1-g+j)L): the mean is (1-g)L, the variance (jL)²/3, the fourth central moment
  // (jL)⁴/5.
  constexpr int kSamples = 20'000;
  const double width = 0.01 * 86400;
  double sum = 0;
  double squares = 0;
  for (int seed = 0; seed < kSamples; ++seed) {
    const Instant due = first_due(static_cast<std::uint64_t>(seed));
    ASSERT_GE(due, Instant{kDay * 49 / 100});
    ASSERT_LE(due, Instant{kDay * 51 / 100});
    const double apart = static_cast<double>((due - Instant{kDay / 2}).count()) / 1e9;
    sum += apart;
    squares += apart * apart;
  }
  const double variance = width * width / 3;
  const double of_mean = std::sqrt(variance / kSamples);
  const double of_variance = std::sqrt((std::pow(width, 4) / 5 - variance * variance) / kSamples);
  EXPECT_NEAR(sum / kSamples, 0, 4 * of_mean);
  EXPECT_NEAR(squares / kSamples, variance, 4 * of_variance);
}

TEST(Renewal, SpreadsThoseThatBeganTogetherFurtherWithEveryRound) {
  // Rounds add up: after n of them the variance is n(jL)²/3.
  constexpr int kSamples = 5'000;
  constexpr int kRounds = 10;
  double squares = 0;
  for (int seed = 0; seed < kSamples; ++seed) {
    Renewal renewal{{}, RandomStream{static_cast<std::uint64_t>(seed), "renewal"}};
    Instant now{};
    for (int round = 0; round < kRounds; ++round) {
      ASSERT_TRUE(renewal.poll(now));
      renewal.install(now, kDay);
      now = renewal.next_deadline();
    }
    const double apart = static_cast<double>((now - Instant{kDay / 2 * kRounds}).count()) / 1e9;
    squares += apart * apart;
  }
  const double variance = kRounds * 864.0 * 864.0 / 3;
  EXPECT_NEAR(squares / kSamples, variance, 0.08 * variance);
}

TEST(Renewal, TriesAgainWithBackOffThatStopsGrowing) {
  Renewal renewal{{}, RandomStream{3, "renewal"}};
  Instant now{};
  std::vector<Duration> pauses;
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(renewal.poll(now));
    renewal.fail(now);
    pauses.push_back(renewal.next_deadline() - now);
    now = renewal.next_deadline();
  }
  for (std::size_t i = 0; i < pauses.size(); ++i) {
    const Duration ceiling = std::min<Duration>(1s * (1 << std::min<std::size_t>(i, 8)), 10s);
    EXPECT_GE(pauses[i], ceiling / 2) << i;
    EXPECT_LE(pauses[i], ceiling) << i;
  }
  ASSERT_TRUE(renewal.poll(now));
  EXPECT_TRUE(renewal.is_trying_again());
  renewal.install(now, kDay);
  EXPECT_FALSE(renewal.is_trying_again());
}

TEST(Renewal, DoesNotAskAgainAtOnceWhereAClockMakesEveryCertificateUseless) {
  Renewal renewal{{}, RandomStream{4, "renewal"}};
  ASSERT_TRUE(renewal.poll(Instant{}));
  renewal.install(Instant{}, -1h);
  EXPECT_EQ(renewal.next_deadline(), Instant{1s});
}

/// How long nobody has a valid certificate, in a world without a network: the authority is away in
/// [from, from + lasts), and an answer, or its absence, is known after `answer`.
Duration time_without(std::uint64_t seed, const RenewalOptions& options, Duration lifetime,
                      Duration from, Duration lasts, Duration answer) {
  Renewal renewal{options, RandomStream{seed, "renewal"}};
  Instant expires{};
  Duration without{};
  for (Instant now{}; now < Instant{from + lasts + lifetime}; now = renewal.next_deadline()) {
    EXPECT_TRUE(renewal.poll(now));
    const Duration asked = now.time_since_epoch();
    const bool is_away = asked + answer > from && asked < from + lasts;
    now += answer;
    if (is_away) {
      renewal.fail(now);
      continue;
    }
    without += expires > Instant{} ? std::max(now - expires, Duration::zero()) : Duration::zero();
    renewal.install(now, lifetime);
    expires = now + lifetime;
  }
  return without;
}

TEST(Renewal, ItsSlackIsWhatAnAuthorityMayBeAwayFor) {
  const RenewalOptions options{.backoff = 100ms, .backoff_max = 2s};
  const Duration answer = 50ms;
  const Duration slack = options.slack(100s, answer);
  EXPECT_EQ(slack, 49s - 2s - 50ms);
  bool is_ever_missed = false;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const Duration from = RandomStream{seed, "outage"}.uniform(100s, 200s);
    EXPECT_EQ(time_without(seed, options, 100s, from, slack - answer, answer), 0s) << seed;
    // Two back-offs and the jitter more, and there are outages that are noticed.
    is_ever_missed |= time_without(seed, options, 100s, from, slack + 7s, answer) > 0s;
  }
  EXPECT_TRUE(is_ever_missed);
}

TEST(Renewal, TheShareThatALongOutageCostsHasAClosedForm) {
  // Of certificates with a lifetime L that are renewed every (1-g)L, an outage D at any time finds
  // (D-gL)/((1-g)L) with less than D left.
  const RenewalOptions options{.jitter = 0, .backoff = 10ms, .backoff_max = 20ms};
  constexpr int kSamples = 10'000;
  for (const Duration lasts : {55s, 75s, 95s}) {
    int missed = 0;
    for (int seed = 0; seed < kSamples; ++seed) {
      const Duration from =
          RandomStream{static_cast<std::uint64_t>(seed), "outage"}.uniform(100s, 600s);
      missed +=
          time_without(static_cast<std::uint64_t>(seed), options, 100s, from, lasts, 1ms) > 0s;
    }
    const double expected = (static_cast<double>(lasts.count()) / 1e9 - 50) / 50;
    const double deviation = std::sqrt(expected * (1 - expected) / kSamples);
    EXPECT_NEAR(static_cast<double>(missed) / kSamples, expected, 4 * deviation + 0.001);
  }
}

}  // namespace
}  // namespace windtunnel::identity
