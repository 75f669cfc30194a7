#include "models/proxy/rate_limiter.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart{Duration{1s}};

RateLimitSettings settings_of(RateLimitKind kind, std::uint64_t events = 100, Duration per = 1s) {
  RateLimitSettings settings{events, per, 10};
  settings.form.kind = kind;
  return settings;
}

/// When the requests that a limit lets through go on, of one each millisecond for so long.
std::vector<Instant> passed(RateLimiter& limiter, Duration span, Instant from = kStart) {
  std::vector<Instant> at;
  for (Instant now = from; now < from + span; now += 1ms) {
    const limit::Decision decision = limiter.admit(now);
    if (decision.admitted) {
      at.push_back(now + decision.wait);
    }
  }
  return at;
}

/// The most of them in any stretch of such a length.
std::size_t most_within(const std::vector<Instant>& at, Duration length) {
  std::size_t most = 0;
  for (auto first = at.begin(); first != at.end(); ++first) {
    const auto last = std::lower_bound(first, at.end(), *first + length);
    most = std::max(most, static_cast<std::size_t>(last - first));
  }
  return most;
}

TEST(RateLimiter, DecidesByGcraAsByATokenBucket) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "limits"};
    RateLimiter bucket{settings_of(RateLimitKind::token_bucket), kStart};
    RateLimiter gcra{settings_of(RateLimitKind::gcra), kStart};
    Instant now = kStart;
    for (int i = 0; i < 2000; ++i) {
      now += Duration{static_cast<std::int64_t>(random.below(20'000'000))};
      ASSERT_EQ(bucket.admit(now), gcra.admit(now)) << "seed " << seed << ", request " << i;
    }
  }
}

TEST(RateLimiter, KeepsWhatIsLeftOfABurstWhenTheRateChanges) {
  for (const RateLimitKind kind : {RateLimitKind::token_bucket, RateLimitKind::gcra}) {
    RateLimiter limiter{settings_of(kind), kStart};
    for (int i = 0; i < 8; ++i) {
      ASSERT_TRUE(limiter.admit(kStart).admitted);
    }
    limiter.apply(kStart, settings_of(kind, 1, 1h));
    EXPECT_TRUE(limiter.admit(kStart).admitted);
    EXPECT_TRUE(limiter.admit(kStart).admitted);
    EXPECT_FALSE(limiter.admit(kStart).admitted);
  }
}

TEST(RateLimiter, SpacesRequestsEvenlyByPacingAndGoesOnAfterTheTurnsItGave) {
  RateLimitSettings settings = settings_of(RateLimitKind::pacing);
  settings.form.max_wait = 100ms;
  RateLimiter limiter{settings, kStart};
  std::vector<Instant> at = passed(limiter, 1s);
  settings.events = 50;
  limiter.apply(kStart + 1s, settings);
  const std::vector<Instant> slower = passed(limiter, 1s, kStart + 1s);
  EXPECT_EQ(at.size(), 100U + 10);  // 100 a second, and ten that wait.
  EXPECT_EQ(slower.front() - at.back(), 10ms);
  at.insert(at.end(), slower.begin() + 1, slower.end());
  for (std::size_t i = 1; i < at.size(); ++i) {
    EXPECT_GE(at[i] - at[i - 1], 10ms);
  }
  EXPECT_EQ(slower[2] - slower[1], 20ms);
}

TEST(RateLimiter, GivesNoTurnToARequestThatWouldNotWaitForIt) {
  RateLimiter limiter{settings_of(RateLimitKind::pacing), kStart};
  EXPECT_EQ(limiter.admit(kStart), limit::Decision::pass());
  EXPECT_EQ(limiter.admit(kStart, 4ms), limit::Decision::refuse(6ms));
  EXPECT_EQ(limiter.admit(kStart, 10ms), limit::Decision::pass(10ms));
}

TEST(RateLimiter, AdmitsNoMoreInAnyWindowThanItsRateSays) {
  RateLimiter window{settings_of(RateLimitKind::sliding_window), kStart};
  RateLimiter bucket{settings_of(RateLimitKind::token_bucket), kStart};
  EXPECT_EQ(most_within(passed(window, 10s), 1s), 100U);
  EXPECT_EQ(most_within(passed(bucket, 10s), 1s), 100U + 9);  // The burst comes on top.
}

// Sentinel's own figures for 100/s, 10 s and a cold factor of 3: a third at first.
TEST(RateLimiter, IsSlowAtFirstByWarmUpAndWarmAfterItsTime) {
  RateLimiter limiter{settings_of(RateLimitKind::warm_up), kStart};
  const std::vector<Instant> at = passed(limiter, 30s);
  const auto between = [&](Duration from, Duration until) {
    return std::count_if(at.begin(), at.end(), [&](Instant instant) {
      return instant >= kStart + from && instant < kStart + until;
    });
  };
  EXPECT_NEAR(static_cast<double>(between(0s, 1s)), 33, 1);
  EXPECT_GT(between(8s, 9s), 50);
  EXPECT_EQ(between(20s, 21s), 100);
}

TEST(RateLimiter, IsMadeOfEverySettingWithoutFlaw) {
  constexpr std::uint64_t kEvents[]{0, 1, 999, 1'000'001, 1'000'000'000, UINT64_MAX};
  constexpr Duration kPer[]{0s, 1ns, 7ns, 1s, 1h, Duration::max()};
  int sound = 0;
  for (std::uint64_t i = 0; i < 6U * 6 * 5 * 4 * 3; ++i) {
    RateLimitSettings settings{kEvents[i % 6], kPer[i / 6 % 6], 1};
    settings.burst = i / 180 % 4 == 0 ? 1'000'000'000 : static_cast<std::uint32_t>(i / 180 % 4 - 1);
    settings.form.kind = static_cast<RateLimitKind>(i / 36 % 5);
    settings.form.warm_up = std::vector<Duration>{10s, 1500ms, Duration::max()}[i / 720 % 3];
    settings.form.max_wait = std::vector<Duration>{0s, -1ns, Duration::max()}[i / 720 % 3];
    settings.form.cold_factor = static_cast<std::uint32_t>(i / 720 % 3 + 1);
    if (flaw_of(settings).empty()) {
      RateLimiter limiter{settings, kStart};
      EXPECT_TRUE(limiter.admit(kStart).admitted || settings.form.kind == RateLimitKind::warm_up);
      ++sound;
    }
  }
  EXPECT_GT(sound, 100);
}

}  // namespace
}  // namespace windtunnel::proxy
