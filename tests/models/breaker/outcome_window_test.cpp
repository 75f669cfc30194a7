#include "models/breaker/outcome_window.hpp"

#include <deque>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr CallSample kError{.failed = true, .slow = false};

Instant at(Duration since_start) {
  return Instant{since_start};
}

CallSample random_sample(RandomStream& random) {
  return {random.below(2) == 0, random.below(3) == 0};
}

RC_GTEST_PROP(CountWindow, HoldsTheLastCallsAndNoOthers, ()) {
  const auto size = *rc::gen::inRange<std::uint32_t>(1, 40);
  RandomStream random{*rc::gen::arbitrary<std::uint64_t>(), "samples"};
  OutcomeWindow window{CountWindowOptions{size}};
  std::deque<CallSample> last;
  for (int step = 0; step < 200; ++step) {
    if (random.below(50) == 0) {
      window.clear();
      last.clear();
    }
    last.push_back(random_sample(random));
    window.record(Instant{}, last.back());
    if (last.size() > size) {
      last.pop_front();
    }
    CallCounts expected;
    for (const CallSample sample : last) {
      expected += counts_of(sample);
    }
    RC_ASSERT(window.counts(Instant{}) == expected);
  }
}

RC_GTEST_PROP(TimeWindow, HoldsTheCallsOfItsBucketsWhileTimeGoesForward, ()) {
  const milliseconds length{*rc::gen::inRange(1, 500)};
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 12);
  RandomStream random{*rc::gen::arbitrary<std::uint64_t>(), "samples"};
  OutcomeWindow window{TimeWindowOptions{length, count}};
  std::vector<std::pair<std::int64_t, CallSample>> all;
  Instant now{};
  for (int step = 0; step < 300; ++step) {
    now += random.uniform(Duration::zero(), random.below(20) == 0 ? 8 * length : length / 2);
    const std::int64_t bucket = nanoseconds_of(now) / Duration{length}.count();
    all.emplace_back(bucket, random_sample(random));
    window.record(now, all.back().second);
    CallCounts expected;
    for (const auto& [number, sample] : all) {
      expected += bucket - number < count ? counts_of(sample) : CallCounts{};
    }
    RC_ASSERT(window.counts(now) == expected);
  }
}

// Sentinel's LeapArray adds such a call to a bucket that is thrown away.
TEST(TimeWindow, StepBackWithinTheWindowLosesNoCall) {
  OutcomeWindow window{TimeWindowOptions{seconds{1}, 10}};
  window.record(at(seconds{100}), kError);
  window.record(at(seconds{97}), kError);
  window.record(at(seconds{99}), kError);
  EXPECT_EQ(window.counts(at(seconds{98})).errors, 3U);
  EXPECT_EQ(window.counts(at(seconds{109})).errors, 3U);
  EXPECT_EQ(window.counts(at(seconds{110})).errors, 0U) << "they count from the newest bucket on";
}

TEST(TimeWindow, LongStepBackNeitherEmptiesNorFreezesIt) {
  OutcomeWindow window{TimeWindowOptions{seconds{1}, 10}};
  window.record(at(hours{24}), kError);
  window.record(at(hours{24} + seconds{3}), kError);
  EXPECT_EQ(window.counts(at(seconds{50})).errors, 2U);
  EXPECT_EQ(window.counts(at(seconds{56})).errors, 2U);
  EXPECT_EQ(window.counts(at(seconds{57})).errors, 1U) << "three seconds older than the other";
  EXPECT_EQ(window.counts(at(seconds{60})).errors, 0U);
}

RC_GTEST_PROP(TimeWindow, EveryCallLeavesWithinItsLengthAfterTheClockHasStoppedJumping, ()) {
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 8);
  RandomStream random{*rc::gen::arbitrary<std::uint64_t>(), "jumps"};
  OutcomeWindow window{TimeWindowOptions{seconds{1}, count}};
  std::uint64_t most = 0;
  Instant now{};
  for (int step = 0; step < 100; ++step) {
    now = at(random.uniform(Duration::zero(), hours{1}));
    window.record(now, kError);
    RC_ASSERT(window.counts(now).errors >= 1);
    RC_ASSERT(window.counts(now).errors <= ++most);
  }
  // A step back within the window holds the newest bucket for up to a window's length.
  RC_ASSERT(window.counts(now + (2 * count) * seconds{1}).errors == 0);
}

// Defect (e) of Sentinel's default: four errors within 20 ms, two on each side of a boundary.
TEST(TimeWindow, OneBucketMissesABurstThatStraddlesItsBoundaryAndManyDoNot) {
  OutcomeWindow tumbling{TimeWindowOptions{seconds{1}, 1}};
  OutcomeWindow sliding{TimeWindowOptions{milliseconds{100}, 10}};
  for (const int moment : {990, 995, 1005, 1010}) {
    tumbling.record(at(milliseconds{moment}), kError);
    sliding.record(at(milliseconds{moment}), kError);
  }
  EXPECT_EQ(tumbling.counts(at(milliseconds{1010})).errors, 2U);
  EXPECT_EQ(sliding.counts(at(milliseconds{1010})).errors, 4U);
}

}  // namespace
}  // namespace windtunnel::breaker
