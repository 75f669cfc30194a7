#include "sim/host_clock.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "runtime/check.hpp"

namespace windtunnel::sim {
namespace {

using namespace std::chrono_literals;

constexpr WallInstant kEpoch{1'577'836'800s};

TrueInstant true_at(std::int64_t count) {
  return instant_at<TrueInstant>(count);
}

TEST(HostClock, WithoutSkewIsTheTrueClock) {
  const HostClock clock{{}, kEpoch};
  EXPECT_EQ(clock.at(TrueInstant{7s}), Instant{7s});
  EXPECT_EQ(clock.when(Instant{7s}), TrueInstant{7s});
  EXPECT_EQ(clock.wall_at(TrueInstant{7s}), kEpoch + 7s);
}

TEST(HostClock, RunsFastOrSlowByItsDrift) {
  EXPECT_EQ((HostClock{{.drift_ppb = 50'000}, kEpoch}.at(TrueInstant{1000s})),
            Instant{1000s + 50ms});
  EXPECT_EQ((HostClock{{.drift_ppb = -50'000}, kEpoch}.at(TrueInstant{1000s})),
            Instant{1000s - 50ms});
}

TEST(HostClock, OffsetsAndStepsMoveTheWallOnly) {
  HostClock clock{{.wall_offset = -3s}, kEpoch};
  clock.step_wall(1h);
  EXPECT_EQ(clock.wall_at(TrueInstant{1s}), kEpoch - 3s + 1h + 1s);
  EXPECT_EQ(clock.at(TrueInstant{1s}), Instant{1s});
}

TEST(HostClock, SaysNeverForADeadlineThatNeverComes) {
  const HostClock slow{{.drift_ppb = -500'000'000}, kEpoch};
  EXPECT_EQ(slow.when(Instant::max()), TrueInstant::max());
}

TEST(HostClock, CannotStandStill) {
  HostClock clock{{}, kEpoch};
  EXPECT_THROW(clock.set_drift(TrueInstant{}, -1'000'000'000), ProgrammingError);
  EXPECT_THROW((HostClock{{.drift_ppb = -1'000'000'000}, kEpoch}), ProgrammingError);
}

RC_GTEST_PROP(HostClock, WhenIsTheFirstInstantThatReadsTheDeadlineOrLater, ()) {
  const auto drift = *rc::gen::inRange<std::int64_t>(-900'000'000, 2'000'000'000);
  const auto changed = *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000);
  const auto ahead = *rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000);
  HostClock clock{{.drift_ppb = *rc::gen::inRange<std::int64_t>(-900'000'000, 900'000'000)},
                  kEpoch};
  clock.set_drift(true_at(changed), drift);
  const Instant deadline = clock.at(true_at(changed)) + Duration{ahead};
  const TrueInstant due = clock.when(deadline);
  RC_ASSERT(clock.at(due) >= deadline);
  RC_ASSERT(clock.at(due - 1ns) < deadline);
}

RC_GTEST_PROP(HostClock, StaysContinuousAndNeverRunsBackwardsOverDriftChanges, ()) {
  HostClock clock{{}, kEpoch};
  std::int64_t now = 0;
  for (int i = 0; i < 10; ++i) {
    now += *rc::gen::inRange<std::int64_t>(0, 1'000'000'000);
    const Instant before = clock.at(true_at(now));
    clock.set_drift(true_at(now), *rc::gen::inRange<std::int64_t>(-999'999'999, 1'000'000'000));
    RC_ASSERT(clock.at(true_at(now)) == before);
    RC_ASSERT(clock.at(true_at(now + 1)) >= before);
  }
}

}  // namespace
}  // namespace windtunnel::sim
