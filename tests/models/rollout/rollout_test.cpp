#include "models/rollout/rollout.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "models/rollout/rollout_document.hpp"
#include "runtime/codec.hpp"
#include "tests/models/rollout/made_traffic.hpp"

namespace windtunnel::rollout {
namespace {

using namespace std::chrono_literals;

constexpr PartsPerBillion kPercent = proxy::kWholeInParts / 100;

RolloutSpec three_steps() {
  RolloutSpec spec;
  spec.service = "shop";
  spec.steps = {{StepKind::weight, 5 * kPercent, {}},  {StepKind::pause, 0, 60s},
                {StepKind::weight, 20 * kPercent, {}}, {StepKind::pause, 0, 60s},
                {StepKind::weight, 50 * kPercent, {}}, {StepKind::pause, 0, 60s}};
  return spec;
}

/// A rollout with a clock of its own, and a proxy that reports every second.
struct Staged {
  explicit Staged(const RolloutSpec& spec, std::uint64_t seed = 1)
      : random{seed, "staged"}, rollout{RolloutRecord{spec, {}}, now} {
    rollout.advance(now);
  }
  void run(Duration span, const std::optional<Traffic>& traffic = Traffic{}) {
    for (const Instant end = now + span; now < end;) {
      now += 1s;
      if (traffic) {
        rollout.observe(report_of(*traffic, 0, rollout.state().weight, random));
      }
      rollout.advance(now);
    }
  }
  [[nodiscard]] PartsPerBillion weight() const { return rollout.state().weight; }
  [[nodiscard]] Phase phase() const { return rollout.state().phase; }

  RandomStream random;
  Instant now{1s};
  Rollout rollout;
};

TEST(Rollout, TakesItsStepsInTimeAndPromotes) {
  Staged staged{three_steps()};
  EXPECT_EQ(staged.weight(), 5 * kPercent);
  staged.run(59s);
  EXPECT_EQ(staged.weight(), 5 * kPercent);
  staged.run(1s);
  EXPECT_EQ(staged.weight(), 20 * kPercent);
  staged.run(60s);
  EXPECT_EQ(staged.weight(), 50 * kPercent);
  EXPECT_EQ(proxy::share_of(staged.rollout.split(), 1), 50 * kPercent);
  staged.run(59s);
  EXPECT_EQ(staged.phase(), Phase::progressing);
  staged.run(1s);
  EXPECT_EQ(staged.phase(), Phase::promoted);
  EXPECT_EQ(proxy::share_of(staged.rollout.split(), 2), proxy::kWholeInParts);
}

TEST(Rollout, GivesAnAbortedCanaryNothingAndStaysSo) {
  Staged staged{three_steps()};
  staged.run(180s, Traffic{.canary_errors = 0.1});
  EXPECT_EQ(staged.phase(), Phase::aborted);
  EXPECT_EQ(staged.rollout.state().cause, "the canary fails more often");
  EXPECT_EQ(proxy::share_of(staged.rollout.split(), 1), proxy::kWholeInParts);
  const RolloutState before = staged.rollout.state();
  staged.run(600s);
  EXPECT_EQ(staged.rollout.state(), before);
}

TEST(Rollout, AbortsACanaryThatTurnsBadAtALaterStep) {
  Staged staged{three_steps()};
  staged.run(130s);
  EXPECT_EQ(staged.weight(), 50 * kPercent);
  staged.run(20s, Traffic{.canary_errors = 0.05});
  EXPECT_EQ(staged.phase(), Phase::aborted);
}

TEST(Rollout, PausesWhereTooFewRequestsReachedTheCanary) {
  Staged staged{three_steps()};
  staged.run(60s, std::nullopt);
  EXPECT_EQ(staged.phase(), Phase::paused);
  EXPECT_EQ(staged.weight(), 5 * kPercent);
  EXPECT_EQ(staged.rollout.state().cause, "too few requests reached the canary");
}

TEST(Rollout, PausesWhereTheP99RisesAndLeavesTheSharesAsTheyAre) {
  Staged staged{three_steps()};
  staged.run(180s, Traffic{.canary_slower = 3, .has_latencies = true});
  EXPECT_EQ(staged.phase(), Phase::paused);
  EXPECT_EQ(staged.rollout.state().cause, "the canary's P99 is too high");
  EXPECT_GT(staged.weight(), 0U);
}

TEST(Rollout, NeverCutsAStepShortThoughNobodyCalledForLong) {
  Staged staged{three_steps()};
  staged.run(10s, Traffic{.attempts = 10'000});
  staged.now += 3600s;
  staged.rollout.advance(staged.now);
  EXPECT_EQ(staged.weight(), 20 * kPercent);
  staged.run(59s);
  EXPECT_EQ(staged.weight(), 20 * kPercent);
  EXPECT_EQ(staged.phase(), Phase::progressing);
}

TEST(Rollout, LivesThroughAClockThatDoesNotMove) {
  Staged staged{three_steps()};
  for (int i = 0; i < 1000; ++i) {
    staged.rollout.advance(staged.now);
  }
  EXPECT_EQ(staged.rollout.state().in_step, Duration::zero());
}

// Another controller that goes on from what was written down decides the same at the same time.
TEST(Rollout, EndsAsItWouldHaveWhereverItIsHandedOver) {
  const Traffic kinds[] = {
      {}, {.canary_errors = 0.01}, {.canary_slower = 1.4, .has_latencies = true}};
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Traffic& traffic = kinds[seed % 3];
    Staged whole{three_steps(), seed};
    Staged handed_over{three_steps(), seed};
    RandomStream cuts{seed, "cuts"};
    for (int second = 0; second < 200; ++second) {
      whole.run(1s, traffic);
      handed_over.run(1s, traffic);
      if (cuts.below(5) == 0) {
        const auto stored = rollout_of(rollout_content_of(handed_over.rollout.record()));
        ASSERT_TRUE(stored);
        handed_over.rollout = Rollout{*stored, handed_over.now};
      }
      ASSERT_EQ(handed_over.rollout.record(), whole.rollout.record()) << "seed " << seed;
    }
    EXPECT_NE(whole.phase(), Phase::progressing) << "seed " << seed;
  }
}

RolloutSpec by_thresholds(std::uint32_t failure_limit) {
  RolloutSpec spec = three_steps();
  spec.analysis.kind = AnalysisKind::threshold;
  spec.analysis.interval = 10s;
  spec.analysis.failure_limit = failure_limit;
  return spec;
}

TEST(Rollout, AbortsAtTheFirstFailedMeasurementBeyondItsLimit) {
  const Traffic bad{.canary_errors = 0.5};
  for (const std::uint32_t limit : {0U, 1U, 4U}) {
    Staged staged{by_thresholds(limit)};
    staged.run((limit + 1) * 10s - 1s, bad);
    EXPECT_EQ(staged.phase(), Phase::progressing) << limit;
    staged.run(1s, bad);
    EXPECT_EQ(staged.phase(), Phase::aborted) << limit;
  }
}

TEST(Rollout, AbortsWhereAMeasuredP99IsAboveItsBound) {
  RolloutSpec spec = by_thresholds(0);
  spec.analysis.p99 = 100ms;
  Staged sound{spec};
  const Traffic without_errors{.stable_errors = 0, .canary_errors = 0, .has_latencies = true};
  sound.run(30s, without_errors);
  EXPECT_EQ(sound.phase(), Phase::progressing);
  Traffic slow = without_errors;
  slow.canary_slower = 10;
  sound.run(10s, slow);
  EXPECT_EQ(sound.phase(), Phase::aborted);
}

TEST(Rollout, PausesAtAMeasurementWithoutARequest) {
  Staged staged{by_thresholds(0)};
  staged.run(10s, std::nullopt);
  EXPECT_EQ(staged.phase(), Phase::paused);
}

TEST(RolloutDocument, RefusesWhatCannotBeCarriedOutAndReadsAnyBytesSafely) {
  RolloutRecord record{three_steps(), {}};
  EXPECT_EQ(rollout_of(rollout_content_of(record)), record);
  record.spec.stable = record.spec.version;
  EXPECT_FALSE(rollout_of(rollout_content_of(record)));
  record = {three_steps(), {}};
  record.state.step = 7;
  EXPECT_FALSE(rollout_of(rollout_content_of(record)));
  record = {three_steps(), {}};
  record.spec.analysis.alpha = 0;
  EXPECT_FALSE(rollout_of(rollout_content_of(record)));
  RandomStream random{1, "bytes"};
  const std::string sound = encoded(RolloutRecord{three_steps(), {}});
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = sound;
    bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    bytes.resize(random.below(bytes.size() + 1));
    static_cast<void>(rollout_of(SharedBytes{bytes}));
  }
}

}  // namespace
}  // namespace windtunnel::rollout
