#include "models/breaker/presets.hpp"

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration since_start) {
  return Instant{since_start};
}

/// A breaker and the time, which moves only where a test moves it.
struct Bench {
  explicit Bench(const BreakerOptions& options) : breaker(options, RandomStream{1, "preset"}) {}

  void calls(int count, Outcome outcome, Duration lasting = Duration::zero()) {
    for (int call = 0; call < count && state() != State::open; ++call) {
      const Admission admission = breaker.admit(now);
      ASSERT_TRUE(std::holds_alternative<Permit>(admission));
      now += lasting;
      breaker.settle(now, std::get<Permit>(admission), outcome);
    }
  }
  [[nodiscard]] State state() {
    breaker.advance(now);
    return breaker.state();
  }

  Breaker breaker;
  Instant now{};
};

TEST(Resilience4j2, JudgesFromTheHundredthCallOnAtHalfFailed) {
  Bench below{resilience4j_2()};
  below.calls(49, Outcome::failed);
  below.calls(51, Outcome::succeeded);
  EXPECT_EQ(below.state(), State::closed) << "49 of 100";
  Bench reached{resilience4j_2()};
  reached.calls(50, Outcome::failed);
  reached.calls(49, Outcome::succeeded);
  EXPECT_EQ(reached.state(), State::closed) << "99 calls are below the minimum";
  reached.calls(1, Outcome::succeeded);
  EXPECT_EQ(reached.state(), State::open) << "a success completes the minimum";
}

TEST(Resilience4j2, TripsWhereEveryCallIsSlowerThanAMinute) {
  Bench bench{resilience4j_2()};
  bench.calls(99, Outcome::succeeded, seconds{61});
  EXPECT_EQ(bench.state(), State::closed);
  bench.calls(1, Outcome::succeeded, seconds{60});
  EXPECT_EQ(bench.state(), State::closed) << "60 s are not slower than 60 s";
  bench.calls(100, Outcome::succeeded, seconds{61});
  EXPECT_EQ(bench.state(), State::open);
  EXPECT_EQ(bench.breaker.take_transition()->cause, Cause::slow_ratio);
}

TEST(Resilience4j2, TrialOfTenIsDecidedByItsTenthCall) {
  for (const int failures : {4, 5}) {
    Bench bench{resilience4j_2()};
    bench.calls(100, Outcome::failed);
    bench.now += seconds{60};
    bench.calls(failures, Outcome::failed);
    bench.calls(9 - failures, Outcome::succeeded);
    EXPECT_EQ(bench.state(), State::half_open);
    bench.calls(1, Outcome::succeeded);
    EXPECT_EQ(bench.state(), failures == 4 ? State::closed : State::open);
  }
}

TEST(Hystrix15, NeedsTwentyRequestsInTenSeconds) {
  Bench bench{hystrix_1_5()};
  bench.calls(19, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed);
  bench.now += seconds{10};
  bench.calls(19, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed) << "the first nineteen have left the window";
  bench.calls(1, Outcome::failed);
  EXPECT_EQ(bench.state(), State::open);
  bench.now += seconds{5};
  bench.calls(1, Outcome::succeeded);
  EXPECT_EQ(bench.state(), State::closed);
}

TEST(Sentinel18, ErrorRatioHasToBeExceeded) {
  Bench bench{sentinel_1_8_error_ratio(Share::percent(50), seconds{10})};
  bench.calls(3, Outcome::succeeded);
  bench.calls(3, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed) << "half is not above half";
  bench.calls(1, Outcome::failed);
  EXPECT_EQ(bench.state(), State::open);
}

TEST(Sentinel18, RatioIsForgottenAtEachSecond) {
  Bench bench{sentinel_1_8_error_ratio(Share::percent(50), seconds{10})};
  bench.now = at(milliseconds{990});
  bench.calls(4, Outcome::failed);
  bench.now = at(milliseconds{1010});
  bench.calls(4, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed) << "eight errors in 20 ms";
}

TEST(Sentinel18, SlowRatioOfEverythingIsReachedByEverything) {
  Bench bench{sentinel_1_8_slow_ratio(milliseconds{10}, Share::percent(100), seconds{10})};
  bench.calls(5, Outcome::succeeded, milliseconds{11});
  EXPECT_EQ(bench.state(), State::open);
  bench.now += seconds{10};
  bench.calls(1, Outcome::failed, milliseconds{10});
  EXPECT_EQ(bench.state(), State::closed) << "its probe is judged by its time alone";
}

TEST(Sentinel18, ErrorCountHasToBeExceeded) {
  Bench bench{sentinel_1_8_error_count(6, seconds{10})};
  bench.calls(6, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed);
  bench.calls(1, Outcome::failed);
  EXPECT_EQ(bench.state(), State::open);
}

TEST(Gobreaker2, TripsAtTheSixthConsecutiveFailure) {
  Bench bench{gobreaker_2()};
  bench.calls(5, Outcome::failed);
  bench.calls(1, Outcome::succeeded);
  bench.calls(5, Outcome::failed);
  EXPECT_EQ(bench.state(), State::closed);
  bench.calls(1, Outcome::failed);
  EXPECT_EQ(bench.state(), State::open);
  bench.now += seconds{60};
  EXPECT_EQ(bench.state(), State::half_open);
  bench.calls(1, Outcome::failed);
  EXPECT_EQ(bench.state(), State::open);
}

}  // namespace
}  // namespace windtunnel::breaker
