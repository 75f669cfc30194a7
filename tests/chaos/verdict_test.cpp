#include "chaos/judge/verdict.hpp"

#include <array>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/judge/campaign.hpp"
#include "chaos/judge/judgement.hpp"
#include "runtime/check.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

constexpr std::array all_verdicts{Verdict::pass, Verdict::inconclusive, Verdict::fail,
                                  Verdict::error};

Expectation objective(std::string that, Bound bound, std::string after = {}) {
  Expectation expectation;
  expectation.that = std::move(that);
  expectation.bound = std::move(bound);
  expectation.window = after.empty() ? WindowKind::whole_run : WindowKind::after;
  expectation.fault = std::move(after);
  return expectation;
}

Expectation recovery_within(Duration limit) {
  return objective("control_plane.recovery_time", AtMost{limit}, "leader-loss");
}

Expectation raft_safety() {
  Expectation expectation;
  expectation.that = "raft.safety";
  expectation.kind = ExpectationKind::invariant;
  return expectation;
}

Expectation gate(Ratio least) {
  Expectation expectation = objective("control_plane.availability", AtLeast{least});
  expectation.kind = ExpectationKind::gate;
  return expectation;
}

Evaluation held_against(Expectation expectation, MeasureValue observed) {
  return evaluated({.expectation = std::move(expectation),
                    .name = "it",
                    .window = {},
                    .observed = std::move(observed),
                    .verdict = {},
                    .explanation = {}});
}

TEST(Verdict, WorstOfIsAssociativeCommutativeAndIdempotent) {
  for (const Verdict a : all_verdicts) {
    EXPECT_EQ(worst(a, a), a);
    EXPECT_EQ(worst(a, Verdict::pass), a);
    EXPECT_EQ(worst(a, Verdict::error), Verdict::error);
    for (const Verdict b : all_verdicts) {
      EXPECT_EQ(worst(a, b), worst(b, a));
      for (const Verdict c : all_verdicts) {
        EXPECT_EQ(worst(a, worst(b, c)), worst(worst(a, b), c));
      }
    }
  }
}

TEST(Verdict, IsWorseFromPassToError) {
  EXPECT_EQ(worst(Verdict::pass, Verdict::inconclusive), Verdict::inconclusive);
  EXPECT_EQ(worst(Verdict::inconclusive, Verdict::fail), Verdict::fail);
  EXPECT_EQ(worst(Verdict::fail, Verdict::error), Verdict::error);
}

TEST(Verdict, HasTheDocumentedExitCodes) {
  EXPECT_EQ(exit_code(Verdict::pass), 0);
  EXPECT_EQ(exit_code(Verdict::fail), 1);
  EXPECT_EQ(exit_code(Verdict::inconclusive), 2);
  EXPECT_EQ(exit_code(Verdict::error), 4);
}

TEST(Bound, IncludesItsEnds) {
  const auto keeps_3s = [](const Bound& bound) { return keeps(bound, Amount{Duration{3s}}); };

  EXPECT_TRUE(keeps_3s(AtMost{Duration{3s}}));
  EXPECT_FALSE(keeps_3s(AtMost{Duration{3s - 1ns}}));
  EXPECT_TRUE(keeps_3s(AtLeast{Duration{3s}}));
  EXPECT_FALSE(keeps_3s(AtLeast{Duration{3s + 1ns}}));
  EXPECT_TRUE(keeps_3s(Equals{Duration{3s}}));
  EXPECT_FALSE(keeps_3s(Equals{Duration{4s}}));
  EXPECT_TRUE(keeps_3s(Within{Duration{3s}, Duration{4s}}));
  EXPECT_TRUE(keeps_3s(Within{Duration{2s}, Duration{3s}}));
  EXPECT_FALSE(keeps_3s(Within{Duration{4s}, Duration{5s}}));
}

TEST(Bound, RefusesAnotherUnit) {
  EXPECT_THROW((void)keeps(AtMost{Duration{3s}}, Amount{Count{1}}), ProgrammingError);
}

TEST(Evaluation, TakesACensoredValueForInfinite) {
  const MeasureValue never = censored("nobody stood", 0);

  EXPECT_EQ(held_against(recovery_within(3s), never).verdict, Verdict::fail);
  EXPECT_EQ(held_against(recovery_within(3s), never).explanation,
            "∞ instead of ≤ 3 s: nobody stood");
  EXPECT_EQ(held_against(objective("x", AtLeast{Duration{3s}}), never).verdict, Verdict::pass);
  EXPECT_EQ(held_against(objective("x", Equals{Duration{3s}}), never).verdict, Verdict::fail);
}

TEST(Evaluation, NeverPassesWithoutEvidence) {
  for (const MeasureValue& nothing : {no_evidence("no samples"), not_applicable("no election")}) {
    for (const Bound& bound :
         std::vector<Bound>{AtMost{Duration{3s}}, AtLeast{Duration{0s}}, Equals{Duration{0s}}}) {
      EXPECT_EQ(held_against(objective("x", bound), nothing).verdict, Verdict::inconclusive);
    }
  }
}

TEST(Evaluation, FollowsOnEmptyWithoutEvidence) {
  Expectation expectation = recovery_within(3s);
  for (const Verdict verdict : {Verdict::pass, Verdict::inconclusive, Verdict::fail}) {
    expectation.on_empty = verdict;
    EXPECT_EQ(held_against(expectation, no_evidence("no samples")).verdict, verdict);
    EXPECT_EQ(held_against(expectation, measured(Duration{1s}, 9)).verdict, Verdict::pass);
    EXPECT_EQ(held_against(expectation, measured(Duration{4s}, 9)).verdict, Verdict::fail);
  }
}

TEST(Evaluation, FailsWhereALowerBoundAloneBreaksTheExpectation) {
  const MeasureValue late = no_evidence("the run ended", 9, Duration{4s});

  EXPECT_EQ(held_against(recovery_within(3s), late).verdict, Verdict::fail);
  EXPECT_EQ(held_against(recovery_within(4s), late).verdict, Verdict::inconclusive);
  EXPECT_EQ(held_against(objective("x", AtLeast{Duration{3s}}), late).verdict,
            Verdict::inconclusive);
}

TEST(Judgement, PassesARunThatKeepsItsBounds) {
  const Judgement judgement =
      judge(leader_loss_record(), {recovery_within(2s), raft_safety(), gate(Ratio::of(99, 100)),
                                   objective("control_plane.lost_acked", Equals{Count{0}})});

  EXPECT_EQ(judgement.verdict, Verdict::pass);
  EXPECT_EQ(reasons_of(judgement), std::vector<std::string>{});
  EXPECT_EQ(judgement.evaluations[0].name, "control_plane.recovery_time@leader-loss");
  EXPECT_EQ(judgement.evaluations[0].window, (TimeWindow{at(20s), at(30s)}));
  EXPECT_EQ(judgement.evaluations[2].name, "control_plane.availability@steady");
}

TEST(Judgement, FailsARunThatMissesABound) {
  const Judgement judgement = judge(leader_loss_record(), {recovery_within(1s), raft_safety()});

  EXPECT_EQ(judgement.verdict, Verdict::fail);
  EXPECT_EQ(reasons_of(judgement),
            std::vector<std::string>{"control_plane.recovery_time@leader-loss: 1.090000001 s "
                                     "instead of ≤ 1 s"});
}

TEST(Judgement, HoldsAnExpectationThatNamesNoFaultToEveryFault) {
  RunRecord record = leader_loss_record();
  record.ended_at = at(60s);
  record.faults.push_back(strike("again", 29s));

  const Judgement judgement =
      judge(record, {objective("control_plane.recovery_time", AtMost{Duration{2s}})});

  ASSERT_EQ(judgement.evaluations.size(), 2U);
  EXPECT_EQ(judgement.evaluations[0].name, "control_plane.recovery_time@leader-loss");
  EXPECT_EQ(judgement.evaluations[0].verdict, Verdict::pass);
  EXPECT_EQ(judgement.evaluations[1].name, "control_plane.recovery_time@again");
  EXPECT_EQ(judgement.evaluations[1].verdict, Verdict::inconclusive);
}

TEST(Judgement, IsInconclusiveAboutAFaultThatNeverStruck) {
  RunRecord record = steady_record(30s);
  record.missed_gates = {"control_plane.availability@steady: 98 % instead of ≥ 99 %"};

  const Judgement judgement = judge(record, {recovery_within(2s)});

  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_EQ(reasons_of(judgement).size(), 2U);
}

TEST(Judgement, IsInconclusiveIfAFaultTouchedNothing) {
  RunRecord record = leader_loss_record();
  record.faults.front().touched = 0;
  const Judgement judgement = judge(record, {recovery_within(2s)});
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_EQ(reasons_of(judgement),
            std::vector<std::string>{"fault \"leader-loss\" touched nothing"});

  record.faults.front().targets.clear();
  EXPECT_EQ(reasons_of(judge(record, {recovery_within(2s)})),
            std::vector<std::string>{"fault \"leader-loss\" found no target"});
}

TEST(Judgement, IsInconclusiveWhereNothingIsExpected) {
  EXPECT_EQ(judge(leader_loss_record(), {}).verdict, Verdict::inconclusive);
}

TEST(Judgement, FailsABreachNamingItsEvent) {
  RunRecord record = leader_loss_record();
  record.breaches.push_back({.at = at(21050ms),
                             .host = cp_a,
                             .invariant = "raft.election_safety",
                             .what = "cp-b leads term 4 as well"});
  const std::string reason =
      "raft.election_safety broken at 21.05 s on cp-a: cp-b leads term 4 as well";

  const Judgement expected = judge(record, {recovery_within(2s), raft_safety()});
  EXPECT_EQ(expected.verdict, Verdict::fail);
  EXPECT_EQ(reasons_of(expected), std::vector<std::string>{"raft.safety: " + reason});

  const Judgement not_expected = judge(record, {recovery_within(2s)});
  EXPECT_EQ(not_expected.verdict, Verdict::fail);
  EXPECT_EQ(reasons_of(not_expected), std::vector<std::string>{reason});
}

TEST(Judgement, HasNoEvidenceOfSafetyWithoutAnElection) {
  RunRecord record = leader_loss_record();
  record.leaders.clear();
  record.commits.clear();

  EXPECT_EQ(judge(record, {raft_safety()}).verdict, Verdict::inconclusive);
}

TEST(Judgement, LooksDuringTheFaultAndUntilAnInstant) {
  const RunRecord record = leader_loss_record();
  Expectation during = objective("control_plane.availability", AtLeast{Ratio{0}}, "leader-loss");
  during.window = WindowKind::during;
  Expectation early = during;
  early.window = WindowKind::after;
  early.until = at(21500ms);

  const Judgement judgement = judge(record, {during, early});

  EXPECT_EQ(judgement.evaluations[0].name, "control_plane.availability@leader-loss/during");
  EXPECT_EQ(judgement.evaluations[0].observed, measured(Ratio::of(390, 500), 500));
  EXPECT_EQ(judgement.evaluations[1].name, "control_plane.availability@leader-loss/until-21.5s");
  EXPECT_EQ(judgement.evaluations[1].observed, measured(Ratio::of(40, 150), 150));
  EXPECT_NE(judgement.table.find("control_plane.availability", "leader-loss/during"), nullptr);
}

TEST(Judgement, MakesAnUnmetGateInconclusive) {
  RunRecord record = leader_loss_record();
  disturb(record, 15s, 16s, 5ms, OperationOutcome::failed);

  const Judgement judgement = judge(record, {gate(Ratio::of(99, 100)), recovery_within(2s)});

  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
}

TEST(Judgement, DoesNotChargeTheFaultToTheGateBeforeIt) {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("f", 20s, 25s));
  // Invoked in the steady state, struck down by the fault.
  for (OperationRecord& operation : record.operations) {
    if (operation.invoked_at >= at(19'900ms) && operation.invoked_at < at(20s)) {
      operation.ended_at = at(22s);
      operation.outcome = OperationOutcome::indeterminate;
    }
  }
  const std::vector<Expectation> expectations{gate(Ratio::of(999, 1000))};
  const Judgement judgement = judge(record, expectations);
  EXPECT_EQ(judgement.evaluations.front().verdict, Verdict::pass)
      << judgement.evaluations.front().explanation;
}

TEST(Judgement, TellsTheRunnerWhichGatesAreMissed) {
  RunRecord so_far = steady_record(20s);
  const std::vector<Expectation> expectations{gate(Ratio::of(99, 100)), recovery_within(2s)};
  EXPECT_EQ(missed_gates(so_far, expectations), std::vector<std::string>{});

  disturb(so_far, 15s, 16s, 5ms, OperationOutcome::failed);
  EXPECT_EQ(missed_gates(so_far, expectations),
            std::vector<std::string>{"control_plane.availability@steady: the gate was not met: "
                                     "90 % instead of ≥ 99 %"});

  so_far.operations.clear();
  EXPECT_EQ(missed_gates(so_far, expectations).size(), 1U) << "no samples";
}

TEST(Judgement, LeavesStatisticsOverSeedsToTheCampaign) {
  Expectation expectation = recovery_within(1s);
  expectation.over_seeds = SeedStatistic::p50;
  const RunRecord record = leader_loss_record();

  EXPECT_EQ(judge(record, {expectation}).verdict, Verdict::fail);
  const Judgement part =
      judge(record, {expectation}, {.measures = {}, .over_seeds = OverSeeds::judged_later});
  EXPECT_EQ(part.verdict, Verdict::pass);
  EXPECT_TRUE(part.evaluations.empty());
}

CampaignRun run_with(std::uint64_t seed, MeasureValue recovery) {
  CampaignRun run;
  run.seed = seed;
  run.verdict = Verdict::pass;
  run.table.set({.measure = "control_plane.recovery_time", .window = "leader-loss"},
                std::move(recovery));
  return run;
}

TEST(Campaign, JudgesTheStatisticOverSeeds) {
  Expectation expectation = recovery_within(2s);
  expectation.over_seeds = SeedStatistic::p50;
  const std::vector<CampaignRun> runs{run_with(3, measured(Duration{5s}, 1)),
                                      run_with(1, measured(Duration{1s}, 1)),
                                      run_with(2, measured(Duration{2s}, 1))};
  const Campaign by_median = judge_campaign("x", runs, {expectation});
  EXPECT_EQ(by_median.verdict, Verdict::pass);
  EXPECT_EQ(by_median.runs.front().seed, 1U);
  EXPECT_EQ(by_median.evaluations[0].name, "p50 of control_plane.recovery_time@leader-loss");
  EXPECT_EQ(by_median.evaluations[0].observed, 2.0);

  expectation.over_seeds = SeedStatistic::max;
  EXPECT_EQ(judge_campaign("x", runs, {expectation}).verdict, Verdict::fail);
}

TEST(Campaign, IsInconclusiveWhereASeedGaveNoEvidence) {
  Expectation expectation = recovery_within(2s);
  expectation.over_seeds = SeedStatistic::p50;
  const std::vector<CampaignRun> runs{run_with(1, measured(Duration{1s}, 1)),
                                      run_with(2, no_evidence("the run ended"))};

  EXPECT_EQ(judge_campaign("x", runs, {expectation}).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge_campaign("x", {}, {expectation}).verdict, Verdict::inconclusive);
  EXPECT_EQ(judge_campaign("x", {}, {}).verdict, Verdict::inconclusive);
}

TEST(Campaign, TakesTheWorstOfItsRuns) {
  std::vector<CampaignRun> runs{run_with(1, measured(Duration{1s}, 1))};
  EXPECT_EQ(judge_campaign("x", runs, {}).verdict, Verdict::pass);

  runs.push_back(failed_campaign_run(2, "livelock at 3 s"));
  EXPECT_EQ(judge_campaign("x", runs, {}).verdict, Verdict::error);
}

TEST(Campaign, PointsAtTheSeedThatIsWorstForTheMeasure) {
  MeasureOverSeeds measure;
  measure.key.measure = "control_plane.availability";
  measure.samples = {{.seed = 1, .value = 0.9}, {.seed = 2, .value = 0.8}, {.seed = 3, .value = 1}};
  measure.statistics = summarize(measure.samples);
  EXPECT_EQ(measure.worst_seed(), 2U);

  measure.key.measure = "control_plane.outage";
  EXPECT_EQ(measure.worst_seed(), 3U);
}

}  // namespace
}  // namespace windtunnel::chaos
