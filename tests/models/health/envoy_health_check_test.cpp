#include "models/health/envoy_health_check.hpp"

#include <gtest/gtest.h>

namespace windtunnel::health {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = instant_at<Instant>(0);

RandomStream stream(std::uint64_t seed = 1) {
  return {seed, "health"};
}

/// Every interval differs, so that a test sees which one was taken.
EnvoyHealthCheckOptions distinct_intervals() {
  return {.interval = seconds{10},
          .unhealthy_threshold = 3,
          .healthy_threshold = 3,
          .no_traffic_interval = seconds{60},
          .unhealthy_interval = seconds{20},
          .unhealthy_edge_interval = seconds{2},
          .healthy_edge_interval = seconds{1}};
}

enum class Answer { good, unreachable, wrong };

struct Step {
  CheckTransition transition;
  Duration until_next;
};

/// Carries out the check that is due, answered at once.
Step check_once(EnvoyHealthCheck& host, Answer answer) {
  const Instant now = host.next_deadline();
  const auto attempt = host.on_deadline(now);
  if (!attempt) {
    ADD_FAILURE() << "no check was due";
    return {};
  }
  const CheckTransition transition =
      answer == Answer::good
          ? host.succeed(now, attempt->number)
          : host.fail(now, attempt->number,
                      answer == Answer::wrong ? CheckFailure::active : CheckFailure::network);
  return {transition, host.next_deadline() - now};
}

TEST(EnvoyHealthCheck, TheFirstSuccessAloneMakesAHostHealthy) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  EXPECT_FALSE(host.is_healthy());
  EXPECT_EQ(check_once(host, Answer::good).transition, CheckTransition::changed);
  EXPECT_TRUE(host.is_healthy());
}

TEST(EnvoyHealthCheck, AfterAFirstFailureTheHealthyThresholdCounts) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  EXPECT_EQ(check_once(host, Answer::unreachable).transition, CheckTransition::unchanged);
  EXPECT_EQ(check_once(host, Answer::good).transition, CheckTransition::change_pending);
  EXPECT_EQ(check_once(host, Answer::good).transition, CheckTransition::change_pending);
  EXPECT_EQ(check_once(host, Answer::good).transition, CheckTransition::changed);
  EXPECT_TRUE(host.is_healthy());
}

// The example in the comment of HealthCheckerImplBase::interval.
TEST(EnvoyHealthCheck, EdgesHaveIntervalsOfTheirOwn) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  host.note_traffic();
  EXPECT_EQ(check_once(host, Answer::unreachable).until_next, seconds{20});
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{1});
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{1});
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{10});
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{10});
  EXPECT_EQ(check_once(host, Answer::unreachable).until_next, seconds{2});
  EXPECT_EQ(check_once(host, Answer::unreachable).until_next, seconds{2});
  EXPECT_TRUE(host.is_healthy());
  EXPECT_EQ(check_once(host, Answer::unreachable).until_next, seconds{20});
  EXPECT_FALSE(host.is_healthy());
}

TEST(EnvoyHealthCheck, WithoutTrafficChecksAreRare) {
  EnvoyHealthCheckOptions options = distinct_intervals();
  options.no_traffic_healthy_interval = seconds{90};
  EnvoyHealthCheck host(options, kStart, stream());
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{90});
  EXPECT_EQ(check_once(host, Answer::unreachable).until_next, seconds{60});
  host.note_traffic();
  EXPECT_EQ(check_once(host, Answer::good).until_next, seconds{10});
}

TEST(EnvoyHealthCheck, AWrongAnswerDecidesAtOnceUnlessItIsRetriable) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  check_once(host, Answer::good);
  EXPECT_EQ(check_once(host, Answer::wrong).transition, CheckTransition::changed);
  EXPECT_FALSE(host.is_healthy());

  EnvoyHealthCheck lenient(distinct_intervals(), kStart, stream());
  check_once(lenient, Answer::good);
  const Instant now = lenient.next_deadline();
  const auto attempt = lenient.on_deadline(now);
  EXPECT_EQ(lenient.fail(now, attempt->number, CheckFailure::active, CheckRetry::counted),
            CheckTransition::change_pending);
}

TEST(EnvoyHealthCheck, ASuccessForgetsTheFailuresBeforeIt) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  check_once(host, Answer::good);
  for (int round = 0; round < 10; ++round) {
    check_once(host, Answer::unreachable);
    check_once(host, Answer::unreachable);
    check_once(host, Answer::good);
    EXPECT_TRUE(host.is_healthy());
  }
}

TEST(EnvoyHealthCheck, ATimeoutIsAFailureOfTheNetworkAndLateAnswersAreIgnored) {
  EnvoyHealthCheckOptions options = distinct_intervals();
  options.unhealthy_threshold = 1;
  EnvoyHealthCheck host(options, kStart, stream());
  check_once(host, Answer::good);
  const Instant now = host.next_deadline();
  const auto attempt = host.on_deadline(now);
  ASSERT_TRUE(attempt);
  EXPECT_EQ(attempt->deadline, now + seconds{1});
  EXPECT_FALSE(host.on_deadline(now + seconds{1}));
  EXPECT_FALSE(host.is_healthy());
  EXPECT_EQ(host.succeed(now + seconds{2}, attempt->number), CheckTransition::unchanged);
  EXPECT_FALSE(host.is_healthy());
}

TEST(EnvoyHealthCheck, APassiveFailureMovesNoTimer) {
  EnvoyHealthCheck host(distinct_intervals(), kStart, stream());
  check_once(host, Answer::good);
  const Instant next = host.next_deadline();
  EXPECT_EQ(host.fail_passively(), CheckTransition::changed);
  EXPECT_FALSE(host.is_healthy());
  EXPECT_EQ(host.next_deadline(), next);
}

TEST(EnvoyHealthCheck, JitterStaysWithinBothBoundsAndFillsThem) {
  EnvoyHealthCheckOptions options = distinct_intervals();
  options.initial_jitter = seconds{3};
  options.interval_jitter = seconds{1};
  options.interval_jitter_percent = 20;
  Duration least = Duration::max();
  Duration most = Duration::min();
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    EnvoyHealthCheck host(options, kStart, stream(seed));
    host.note_traffic();
    ASSERT_LT(host.next_deadline(), kStart + seconds{3});
    const Duration rest = check_once(host, Answer::good).until_next;
    least = std::min(least, rest);
    most = std::max(most, rest);
  }
  EXPECT_GE(least, seconds{10});
  EXPECT_LT(least, seconds{10} + milliseconds{200});
  EXPECT_LT(most, seconds{13});
  EXPECT_GT(most, seconds{13} - milliseconds{300});
}

}  // namespace
}  // namespace windtunnel::health
