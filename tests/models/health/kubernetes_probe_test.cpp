#include "models/health/kubernetes_probe.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/health/container_probes.hpp"

namespace windtunnel::health {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = instant_at<Instant>(0);
constexpr Instant at(std::int64_t second) {
  return kStart + seconds{second};
}

/// Runs a probe until its deadlines pass `end`, each attempt answered after 10 ms; what was asked
/// when.
template <typename Answer>
std::vector<Instant> drive(KubernetesProbe& probe, Instant end, Answer answer) {
  std::vector<Instant> asked;
  while (probe.next_deadline() <= end) {
    const Instant now = probe.next_deadline();
    if (const auto attempt = probe.on_deadline(now)) {
      asked.push_back(now);
      probe.settle(now + milliseconds{10}, attempt->number, answer(asked.size()));
    }
  }
  return asked;
}

ProbeAnswer good(std::size_t) {
  return ProbeAnswer::success;
}
ProbeAnswer bad(std::size_t) {
  return ProbeAnswer::failure;
}

TEST(KubernetesProbe, EachKindBelievesItsOwnThingBeforeTheFirstAnswer) {
  const auto initial = [](ProbeKind kind) {
    return KubernetesProbe(kind, {}, kStart, kStart).verdict();
  };
  EXPECT_EQ(initial(ProbeKind::startup), ProbeVerdict::unknown);
  EXPECT_EQ(initial(ProbeKind::liveness), ProbeVerdict::success);
  EXPECT_EQ(initial(ProbeKind::readiness), ProbeVerdict::failure);
}

TEST(KubernetesProbe, TheFirstQuestionIsTheFirstTickAfterTheInitialDelay) {
  KubernetesProbe probe(ProbeKind::readiness, {.initial_delay = seconds{25}}, kStart, kStart);
  EXPECT_EQ(drive(probe, at(50), good), (std::vector<Instant>{at(30), at(40), at(50)}));
}

TEST(KubernetesProbe, ThresholdsCountAnswersInARow) {
  KubernetesProbe probe(ProbeKind::readiness, {.success_threshold = 2, .failure_threshold = 3},
                        kStart, kStart);
  // Ticks 0, 10, 20, ...: one good answer among bad ones, then two in a row.
  std::vector<ProbeVerdict> seen;
  const std::vector<bool> answers{true, false, true, true, false, false, true, false, false, false};
  for (std::size_t tick = 0; tick < answers.size(); ++tick) {
    const Instant now = at(static_cast<std::int64_t>(tick) * 10);
    const auto attempt = probe.on_deadline(now);
    ASSERT_TRUE(attempt);
    probe.settle(now, attempt->number, answers[tick] ? ProbeAnswer::success : ProbeAnswer::failure);
    seen.push_back(probe.verdict());
  }
  using enum ProbeVerdict;
  EXPECT_EQ(seen, (std::vector{failure, failure, failure, success, success, success, success,
                               success, success, failure}));
}

TEST(KubernetesProbe, SilenceIsAFailureAtTheTimeoutAndALateAnswerCountsForNothing) {
  KubernetesProbe probe(ProbeKind::liveness, {.failure_threshold = 1}, kStart, kStart);
  const auto attempt = probe.on_deadline(kStart);
  ASSERT_TRUE(attempt);
  EXPECT_EQ(probe.next_deadline(), at(1));
  EXPECT_FALSE(probe.on_deadline(at(1)));
  EXPECT_EQ(probe.verdict(), ProbeVerdict::failure);
  EXPECT_FALSE(probe.settle(at(1), attempt->number, ProbeAnswer::success));
  EXPECT_EQ(probe.verdict(), ProbeVerdict::failure);
}

TEST(KubernetesProbe, OneTickWaitsForASlowAnswerAndFurtherOnesAreLost) {
  KubernetesProbe probe(ProbeKind::readiness, {.period = seconds{1}, .timeout = seconds{10}},
                        kStart, kStart);
  const auto attempt = probe.on_deadline(kStart);
  ASSERT_TRUE(attempt);
  probe.settle(kStart + milliseconds{3500}, attempt->number, ProbeAnswer::success);
  EXPECT_LE(probe.next_deadline(), kStart + milliseconds{3500});
  ASSERT_TRUE(probe.on_deadline(kStart + milliseconds{3500}));
  probe.settle(kStart + milliseconds{3501}, 2, ProbeAnswer::success);
  EXPECT_EQ(probe.next_deadline(), at(4));
}

TEST(KubernetesProbe, AFailedLivenessProbeHoldsUntilTheContainerIsNew) {
  KubernetesProbe probe(ProbeKind::liveness, {}, kStart, kStart);
  EXPECT_EQ(drive(probe, at(100), bad), (std::vector<Instant>{at(0), at(10), at(20)}));
  EXPECT_TRUE(probe.is_on_hold());
  probe.restart_container(at(105));
  EXPECT_EQ(probe.verdict(), ProbeVerdict::success);
  EXPECT_EQ(drive(probe, at(120), good), (std::vector<Instant>{at(110), at(120)}));
}

TEST(KubernetesProbe, AFailedReadinessProbeGoesOnAsking) {
  KubernetesProbe probe(ProbeKind::readiness, {}, kStart, kStart);
  EXPECT_EQ(drive(probe, at(100), bad).size(), 11U);
  EXPECT_FALSE(probe.is_on_hold());
}

/// Answers every question of a container after 10 ms.
template <typename Answer>
void drive(ContainerProbes& probes, Instant end, Answer answer) {
  while (probes.next_deadline() <= end) {
    const Instant now = probes.next_deadline();
    probes.on_deadline(now);
    while (const auto question = probes.poll()) {
      probes.settle(now + milliseconds{10}, question->kind, question->attempt.number,
                    answer(now, question->kind));
    }
  }
}

TEST(ContainerProbes, NothingButTheStartupProbeAsksUntilItHasSucceeded) {
  ContainerProbes probes({.startup = KubernetesProbeOptions{.failure_threshold = 30},
                          .liveness = KubernetesProbeOptions{},
                          .readiness = KubernetesProbeOptions{}},
                         kStart);
  std::vector<ProbeKind> asked;
  const auto starts_at_60 = [&](Instant now, ProbeKind kind) {
    asked.push_back(kind);
    return now >= at(60) ? ProbeAnswer::success : ProbeAnswer::failure;
  };
  drive(probes, at(59), starts_at_60);
  EXPECT_FALSE(probes.is_started());
  EXPECT_EQ(asked, std::vector(6, ProbeKind::startup));
  asked.clear();
  drive(probes, at(69), starts_at_60);
  // Readiness is asked at once, not at the next tick.
  EXPECT_EQ(asked, (std::vector{ProbeKind::startup, ProbeKind::readiness}));
  EXPECT_TRUE(probes.is_started());
  EXPECT_TRUE(probes.is_ready());
  asked.clear();
  drive(probes, at(100), starts_at_60);
  EXPECT_EQ(std::count(asked.begin(), asked.end(), ProbeKind::startup), 0);
}

TEST(ContainerProbes, AStartupThatNeverSucceedsAsksForARestartAfterPeriodTimesThreshold) {
  ContainerProbes probes({.startup = KubernetesProbeOptions{.failure_threshold = 30}}, kStart);
  const auto never = [](Instant, ProbeKind) { return ProbeAnswer::failure; };
  drive(probes, at(289), never);
  EXPECT_FALSE(probes.wants_restart());
  drive(probes, at(290), never);
  EXPECT_TRUE(probes.wants_restart());
  probes.restart(at(300));
  EXPECT_FALSE(probes.wants_restart());
  EXPECT_FALSE(probes.is_started());
}

TEST(ContainerProbes, AbsentProbesMeanStartedAliveAndReady) {
  const ContainerProbes probes({}, kStart);
  EXPECT_TRUE(probes.is_started());
  EXPECT_TRUE(probes.is_ready());
  EXPECT_FALSE(probes.wants_restart());
  EXPECT_EQ(probes.next_deadline(), Instant::max());
}

}  // namespace
}  // namespace windtunnel::health
