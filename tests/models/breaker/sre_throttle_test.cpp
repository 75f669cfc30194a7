#include "models/breaker/sre_throttle.hpp"

#include <algorithm>
#include <deque>

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Rates {
  double sent = 0;
  double accepted = 0;
};

/// A client that wants `demand` calls a second from a server that accepts `capacity` of them, in
/// bursts of up to a second's worth, and turns the rest down; answers take 50 ms. The rates of
/// minutes nine and ten.
Rates steady_rates(double requests_per_accept, int demand, int capacity) {
  SreThrottle throttle{{.requests_per_accept = requests_per_accept}, RandomStream{5, "throttle"}};
  std::deque<Instant> answers;
  double tokens = 0;
  Rates rates;
  const Duration gap = Duration{seconds{1}} / demand;
  for (Instant now{}; now < Instant{seconds{600}}; now += gap) {
    const double counted = now >= Instant{seconds{480}} ? 1.0 / 120 : 0;
    while (!answers.empty() && answers.front() <= now) {
      throttle.accept(answers.front());
      answers.pop_front();
    }
    const double refill = static_cast<double>(capacity) / demand;
    tokens = std::min(static_cast<double>(capacity), tokens + refill);
    if (!throttle.admit(now)) {
      continue;
    }
    rates.sent += counted;
    if (tokens >= 1) {
      tokens -= 1;
      rates.accepted += counted;
      answers.push_back(now + milliseconds{50});
    }
  }
  return rates;
}

// With requests far above K·accepts the probability to send is K·accepts / requests: the client
// sends K times what the server accepts. K = 2 costs the server one refusal per call served.
TEST(SreThrottle, SendsKTimesWhatIsAcceptedUnderOverload) {
  for (const double k : {1.1, 1.5, 2.0, 3.0}) {
    const Rates rates = steady_rates(k, 2000, 100);
    EXPECT_NEAR(rates.accepted, 100, 6) << "K " << k;
    EXPECT_NEAR(rates.sent, k * rates.accepted, 0.03 * k * rates.accepted) << "K " << k;
  }
}

TEST(SreThrottle, TurnsNothingDownBelowK) {
  const Rates rates = steady_rates(2, 150, 100);
  EXPECT_NEAR(rates.sent, 150, 2) << "half as much again as is accepted";
}

TEST(SreThrottle, FollowsTheFormulaOfTheBook) {
  SreThrottle throttle{{.requests_per_accept = 2}, RandomStream{5, "throttle"}};
  const Instant now{};
  for (int request = 1; request <= 100; ++request) {
    (void)throttle.admit(now);
    if (request % 4 == 0) {
      throttle.accept(now);
    }
    const double expected = (request - 2.0 * (request / 4)) / (request + 1);
    ASSERT_DOUBLE_EQ(throttle.rejection_probability(now), expected);
  }
}

// Counting requests when they end, as go-zero did (issue 5011), would let all of these through.
TEST(SreThrottle, NoticesAnOutageBeforeTheFirstAnswer) {
  SreThrottle throttle{{.bucket_count = 10}, RandomStream{6, "throttle"}};
  int sent = 0;
  for (int request = 0; request < 1000; ++request) {
    sent += throttle.admit(Instant{milliseconds{request}}) ? 1 : 0;
  }
  // The sum of 1/(n+1) over n below 1000 is 7.5, with a deviation of 2.4.
  EXPECT_LE(sent, 20);
}

TEST(SreThrottle, MinimumLetsAStartingClientThrough) {
  SreThrottle throttle{{.requests_minimum = 100}, RandomStream{6, "throttle"}};
  for (int request = 0; request < 100; ++request) {
    EXPECT_TRUE(throttle.admit(Instant{}));
  }
}

TEST(SreThrottle, ForgetsAfterItsWindow) {
  SreThrottle throttle{{}, RandomStream{6, "throttle"}};
  for (int request = 0; request < 100; ++request) {
    (void)throttle.admit(Instant{});
  }
  EXPECT_GT(throttle.rejection_probability(Instant{seconds{119}}), 0.98);
  EXPECT_EQ(throttle.rejection_probability(Instant{seconds{120}}), 0);
}

}  // namespace
}  // namespace windtunnel::breaker
