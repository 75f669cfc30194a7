#include "models/breaker/breaker.hpp"

#include <utility>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "tests/models/breaker/reference_breaker.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::seconds;

Instant at(Duration since_start) {
  return Instant{since_start};
}

Breaker breaker_of(const BreakerOptions& options) {
  return Breaker{options, RandomStream{7, "breaker"}};
}

BreakerOptions opens_on_three_errors() {
  BreakerOptions options;
  options.window = CountWindowOptions{.size = 10};
  options.triggers.consecutive_errors = CountTrigger{.count = 3};
  options.open = {.first = seconds{10}, .growth = 1, .longest = seconds{10}, .jitter = {}};
  options.trial.permits = 2;
  options.trial.errors = {Share::percent(0), Reach::above};
  options.trial.leak_timeout = seconds{30};
  return options;
}

Permit admitted(Breaker& breaker, Instant now) {
  const Admission admission = breaker.admit(now);
  check(std::holds_alternative<Permit>(admission), "the test expects a permit here");
  return std::get<Permit>(admission);
}

void call(Breaker& breaker, Instant now, Outcome outcome) {
  breaker.settle(now, admitted(breaker, now), outcome);
}

void trip(Breaker& breaker, Instant now) {
  for (int error = 0; error < 3; ++error) {
    call(breaker, now, Outcome::failed);
  }
  ASSERT_EQ(breaker.state(), State::open);
}

TEST(Breaker, RefusesWhileOpenAndSaysUntilWhen) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  trip(breaker, at(seconds{1}));
  const Admission early = breaker.admit(at(seconds{11} - Duration{1}));
  ASSERT_TRUE(std::holds_alternative<Refusal>(early));
  EXPECT_EQ(std::get<Refusal>(early).state, State::open);
  EXPECT_EQ(std::get<Refusal>(early).retry_at, at(seconds{11}));
  EXPECT_TRUE(std::holds_alternative<Permit>(breaker.admit(at(seconds{11}))));
  EXPECT_EQ(breaker.state(), State::half_open);
}

// What Sentinel and resilience4j get wrong: a slow success of the old days must not close a breaker
// whose probe is still under way, nor an old failure open it.
TEST(Breaker, CallAdmittedBeforeTheTripDoesNotDecideTheTrial) {
  for (const Outcome outcome : {Outcome::succeeded, Outcome::failed, Outcome::ignored}) {
    Breaker breaker = breaker_of(opens_on_three_errors());
    const Permit early = admitted(breaker, at(seconds{0}));
    const Permit other = admitted(breaker, at(seconds{0}));
    trip(breaker, at(seconds{1}));
    const Permit probe = admitted(breaker, at(seconds{11}));
    EXPECT_EQ(breaker.settle(at(seconds{12}), early, outcome), Settlement::stale);
    EXPECT_EQ(breaker.settle(at(seconds{12}), other, outcome), Settlement::stale);
    EXPECT_EQ(breaker.state(), State::half_open);
    EXPECT_EQ(breaker.trial().counts(), CallCounts{});
    EXPECT_EQ(breaker.settle(at(seconds{12}), probe, Outcome::succeeded), Settlement::counted);
    EXPECT_EQ(breaker.totals().stale, 2U);
  }
}

TEST(Breaker, CallOfAnEarlierClosedPeriodIsNotInTheWindow) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  const Permit early = admitted(breaker, at(seconds{0}));
  trip(breaker, at(seconds{1}));
  call(breaker, at(seconds{11}), Outcome::succeeded);
  call(breaker, at(seconds{11}), Outcome::succeeded);
  ASSERT_EQ(breaker.state(), State::closed);
  breaker.settle(at(seconds{12}), early, Outcome::failed);
  EXPECT_EQ(breaker.counts(at(seconds{12})), CallCounts{});
  EXPECT_EQ(breaker.consecutive_errors(), 0U);
}

// With resilience4j's maxWaitDurationInHalfOpenState = 0 this breaker would refuse for ever.
TEST(Breaker, LostPermitsComeBackAfterTheLeakTimeout) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  trip(breaker, at(seconds{0}));
  const Permit lost = admitted(breaker, at(seconds{10}));
  (void)admitted(breaker, at(seconds{12}));
  const Admission refused = breaker.admit(at(seconds{13}));
  ASSERT_TRUE(std::holds_alternative<Refusal>(refused));
  EXPECT_EQ(std::get<Refusal>(refused).retry_at, at(seconds{40}));
  EXPECT_EQ(breaker.next_deadline(), at(seconds{40}));

  const Permit again = admitted(breaker, at(seconds{40}));
  EXPECT_EQ(breaker.totals().leaked, 1U);
  EXPECT_EQ(breaker.settle(at(seconds{41}), lost, Outcome::failed), Settlement::stale);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_EQ(breaker.settle(at(seconds{41}), again, Outcome::succeeded), Settlement::counted);
  call(breaker, at(seconds{42}), Outcome::succeeded);
  EXPECT_EQ(breaker.state(), State::closed);
}

TEST(Breaker, PermitOfATrialSettlesOnce) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  trip(breaker, at(seconds{0}));
  const Permit probe = admitted(breaker, at(seconds{10}));
  EXPECT_EQ(breaker.settle(at(seconds{10}), probe, Outcome::succeeded), Settlement::counted);
  EXPECT_EQ(breaker.settle(at(seconds{10}), probe, Outcome::succeeded), Settlement::stale);
  EXPECT_EQ(breaker.state(), State::half_open);
}

TEST(Breaker, PermitOfNobodyIsAProgrammersMistake) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  EXPECT_THROW(breaker.settle(at(seconds{0}), Permit{}, Outcome::failed), ProgrammingError);
}

TEST(Breaker, IgnoredCallCountsNowhere) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  call(breaker, at(seconds{0}), Outcome::failed);
  call(breaker, at(seconds{0}), Outcome::failed);
  call(breaker, at(seconds{0}), Outcome::ignored);
  EXPECT_EQ(breaker.counts(at(seconds{0})).calls, 2U);
  call(breaker, at(seconds{0}), Outcome::failed);
  EXPECT_EQ(breaker.state(), State::open) << "an ignored call does not end a row of errors";
}

TEST(Breaker, ForcedOpenRefusesAndForcedClosedAdmitsWhateverHappens) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  breaker.force(at(seconds{0}), Force::open);
  EXPECT_TRUE(std::holds_alternative<Refusal>(breaker.admit(at(std::chrono::hours{5}))));
  breaker.force(at(seconds{1}), Force::closed);
  for (int error = 0; error < 100; ++error) {
    call(breaker, at(seconds{1}), Outcome::failed);
  }
  EXPECT_EQ(breaker.state(), State::forced_closed);
  EXPECT_EQ(breaker.counts(at(seconds{1})), CallCounts{});
}

TEST(Breaker, MetricsOnlyCountsAndSaysHowOftenItWouldHaveTripped) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  breaker.force(at(seconds{0}), Force::metrics_only);
  for (int row = 0; row < 2; ++row) {
    for (int error = 0; error < 5; ++error) {
      call(breaker, at(seconds{1}), Outcome::failed);
    }
    call(breaker, at(seconds{1}), Outcome::succeeded);
  }
  EXPECT_EQ(breaker.state(), State::metrics_only);
  EXPECT_EQ(breaker.counts(at(seconds{1})), (CallCounts{10, 8, 0}));
  EXPECT_EQ(breaker.totals().would_trip, 2U);
}

TEST(Breaker, TransitionCarriesTheNumbersBehindIt) {
  BreakerOptions options;
  options.window = CountWindowOptions{.size = 8};
  options.triggers.error_ratio = RatioTrigger{{Share::percent(50), Reach::at_least}, 4};
  options.open = {.first = seconds{4}, .growth = 3, .longest = seconds{10}, .jitter = {}};
  options.trial.permits = 1;
  Breaker breaker = breaker_of(options);
  call(breaker, at(seconds{1}), Outcome::succeeded);
  call(breaker, at(seconds{1}), Outcome::failed);
  call(breaker, at(seconds{1}), Outcome::succeeded);
  call(breaker, at(seconds{2}), Outcome::failed);
  const auto opened = breaker.take_transition();
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->at, at(seconds{2}));
  EXPECT_EQ(std::pair(opened->from, opened->to), std::pair(State::closed, State::open));
  EXPECT_EQ(opened->cause, Cause::error_ratio);
  EXPECT_EQ(opened->counts, (CallCounts{4, 2, 0}));
  EXPECT_EQ(opened->consecutive_errors, 1U);
  EXPECT_EQ(opened->open_interval, seconds{4});
  call(breaker, at(seconds{6}), Outcome::failed);
  EXPECT_EQ(breaker.take_transition()->cause, Cause::open_interval_over);
  const auto reopened = breaker.take_transition();
  EXPECT_EQ(reopened->cause, Cause::trial_failed);
  EXPECT_EQ(reopened->counts, (CallCounts{1, 1, 0}));
  EXPECT_EQ(reopened->trips_in_row, 2U);
  EXPECT_EQ(reopened->open_interval, seconds{10}) << "4 s times 3, but 10 s at most";
  EXPECT_FALSE(breaker.take_transition().has_value());
}

TEST(Breaker, TransitionsThatNobodyTakesAreCountedAsLost) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  for (int round = 0; round < 10; ++round) {
    breaker.force(at(seconds{round}), Force::open);
    breaker.release(at(seconds{round}));
  }
  EXPECT_EQ(breaker.transitions_lost(), 20 - TransitionLog::kCapacity);
  EXPECT_EQ(breaker.take_transition()->at, at(seconds{2}));
}

TEST(Breaker, ClockThatGoesBackDoesNotKeepItOpenForTheLengthOfTheStep) {
  Breaker breaker = breaker_of(opens_on_three_errors());
  trip(breaker, at(std::chrono::hours{1}));
  EXPECT_TRUE(std::holds_alternative<Refusal>(breaker.admit(at(seconds{5}))));
  EXPECT_TRUE(std::holds_alternative<Refusal>(breaker.admit(at(seconds{14}))));
  EXPECT_TRUE(std::holds_alternative<Permit>(breaker.admit(at(seconds{15}))));
  // The same for lost permits of the trial, which were given out at 15 s.
  (void)admitted(breaker, at(seconds{15}));
  breaker.advance(at(seconds{2}));
  breaker.advance(at(seconds{32} - Duration{1}));
  EXPECT_EQ(breaker.trial().outstanding(), 2U);
  breaker.advance(at(seconds{32}));
  EXPECT_EQ(breaker.trial().outstanding(), 0U);
}

}  // namespace
}  // namespace windtunnel::breaker
