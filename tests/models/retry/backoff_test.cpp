// The moments of every jitter against their closed forms, and the ceilings against gRPC A6.
#include "models/retry/backoff.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace windtunnel::retry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kDraws = 200'000;

struct Moments {
  double mean = 0;
  double deviation = 0;
};

/// In milliseconds, of the delay before retry number `retry` (from 1).
Moments moments_of(const BackoffOptions& options, int retry) {
  RandomStream random{1, "test.backoff"};
  double sum = 0;
  double squares = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    Backoff backoff{options};
    Duration delay{};
    for (int i = 0; i < retry; ++i) {
      delay = backoff.next(random);
    }
    const double value = static_cast<double>(delay.count()) / 1e6;
    sum += value;
    squares += value * value;
  }
  const double mean = sum / kDraws;
  return {mean, std::sqrt(squares / kDraws - mean * mean)};
}

/// Five standard errors of the mean; the deviation of a bounded variable is good to a percent.
void expect_moments(const BackoffOptions& options, int retry, double mean, double deviation) {
  const Moments seen = moments_of(options, retry);
  EXPECT_NEAR(seen.mean, mean, 5 * deviation / std::sqrt(kDraws)) << "retry " << retry;
  EXPECT_NEAR(seen.deviation, deviation, 0.01 * deviation) << "retry " << retry;
}

BackoffOptions with(Jitter jitter) {
  return {.initial = milliseconds{100}, .max = seconds{20}, .jitter = jitter};
}

TEST(Backoff, FullJitterIsUniformBelowTheCeiling) {
  double ceiling = 100;
  for (const int retry : {1, 2, 3, 4}) {
    expect_moments(with(Jitter::full), retry, ceiling / 2, ceiling / std::sqrt(12.0));
    ceiling *= 2;
  }
}

TEST(Backoff, FullJitterStopsGrowingAtTheCap) {
  expect_moments(with(Jitter::full), 12, 10'000, 20'000 / std::sqrt(12.0));
}

TEST(Backoff, EqualJitterKeepsHalfOfTheCeiling) {
  expect_moments(with(Jitter::equal), 1, 75, 50 / std::sqrt(12.0));
  expect_moments(with(Jitter::equal), 3, 300, 200 / std::sqrt(12.0));
}

// E[Y] = (b + 3 E[X]) / 2 and E[Y²] = (9 E[X²] + 3 b E[X] + b²) / 3 for Y ~ U(b, 3X).
TEST(Backoff, DecorrelatedJitterFollowsItsRecurrence) {
  const double base = 100;
  double first = base;
  double second = base * base;
  for (const int retry : {1, 2, 3, 4}) {
    const double next_second = (9 * second + 3 * base * first + base * base) / 3;
    first = (base + 3 * first) / 2;
    second = next_second;
    expect_moments({.initial = milliseconds{100},
                    .max = std::chrono::hours{1},
                    .jitter = Jitter::decorrelated},
                   retry, first, std::sqrt(second - first * first));
  }
}

TEST(Backoff, DecorrelatedJitterNeverPassesTheCapNorTheBase) {
  RandomStream random{2, "test.backoff"};
  Backoff backoff{
      {.initial = milliseconds{10}, .max = milliseconds{200}, .jitter = Jitter::decorrelated}};
  bool reached_cap = false;
  for (int i = 0; i < 10'000; ++i) {
    const Duration delay = backoff.next(random);
    EXPECT_GE(delay, milliseconds{10});
    EXPECT_LE(delay, milliseconds{200});
    reached_cap = reached_cap || delay == milliseconds{200};
  }
  EXPECT_TRUE(reached_cap);
}

// grpc/doc/connection-backoff.md: 1 s, 1.6 s, 2.56 s ... 120 s, each within a fifth.
TEST(Backoff, ConnectionBackoffOfGrpcStaysWithinAFifth) {
  RandomStream random{3, "test.backoff"};
  Backoff backoff{BackoffOptions::grpc_connection()};
  double ceiling = 1e9;
  for (int i = 0; i < 20; ++i) {
    const auto delay = static_cast<double>(backoff.next(random).count());
    EXPECT_GE(delay, 0.8 * ceiling - 1);
    EXPECT_LE(delay, 1.2 * ceiling + 1);
    ceiling = std::fmin(ceiling * 1.6, 120e9);
  }
}

TEST(Backoff, WithoutJitterIsTheCeilingOfGrpcA6) {
  RandomStream random{4, "test.backoff"};
  BackoffOptions options = BackoffOptions::grpc();
  options.jitter = Jitter::none;
  Backoff backoff{options};
  for (const int ceiling : {100, 200, 400, 800, 1000, 1000}) {
    EXPECT_EQ(backoff.next(random), milliseconds{ceiling});
  }
}

TEST(Backoff, NeverOverflowsHoweverManyRetries) {
  RandomStream random{5, "test.backoff"};
  for (const Jitter jitter :
       {Jitter::none, Jitter::full, Jitter::equal, Jitter::decorrelated, Jitter::proportional}) {
    Backoff backoff{{.initial = seconds{1},
                     .max = std::chrono::hours{24 * 365},
                     .multiplier = 1000,
                     .jitter = jitter}};
    for (int i = 0; i < 500; ++i) {
      const Duration delay = backoff.next(random);
      EXPECT_GE(delay, Duration::zero());
      EXPECT_LE(delay, std::chrono::hours{24 * 365 * 2});
    }
  }
}

TEST(Backoff, ResetStartsTheSequenceAnew) {
  RandomStream random{6, "test.backoff"};
  BackoffOptions options;
  options.jitter = Jitter::none;
  Backoff backoff{options};
  EXPECT_EQ(backoff.next(random), milliseconds{100});
  EXPECT_EQ(backoff.next(random), milliseconds{200});
  backoff.reset();
  EXPECT_EQ(backoff.next(random), milliseconds{100});
}

}  // namespace
}  // namespace windtunnel::retry
