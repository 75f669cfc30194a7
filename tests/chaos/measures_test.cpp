#include "chaos/measure/measures.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures_catalogue.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

MeasureValue value_of(const RunRecord& record, std::string_view measure, std::string_view window) {
  const Measures measures{record, {}};
  const MeasureTable table = measures.table();
  const MeasureValue* value = table.find(measure, window);
  EXPECT_NE(value, nullptr) << measure << "@" << window;
  return value == nullptr ? no_evidence("no such row") : *value;
}

MeasureValue after_loss(const RunRecord& record, std::string_view measure) {
  return value_of(record, std::string{"control_plane."} + std::string{measure}, "leader-loss");
}

RunRecord struck_follower_record() {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("leader-loss", 20s));
  record.faults.front().targets = {cp_c};
  return record;
}

TEST(FaultGroup, RunsToTheInjectionOfTheNextEntry) {
  RunRecord record = steady_record(60s);
  record.faults = {strike("a", 10s, 12s), strike("b", 20s), strike("a", 30s, 31s)};

  const auto groups = fault_groups(record);

  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].window, (TimeWindow{at(10s), at(20s)}));
  EXPECT_EQ(groups[0].ended_at, at(31s));
  EXPECT_EQ(groups[0].touched, 24U);
  EXPECT_EQ(groups[1].window, (TimeWindow{at(20s), at(60s)}));
  EXPECT_EQ(groups[1].preceded_at, at(10s));
  EXPECT_EQ(groups[1].ended_at, std::nullopt);
}

TEST(FaultGroup, SharesItsWindowWithOneThatStrikesAtTheSameInstant) {
  RunRecord record = steady_record(60s);
  record.faults = {strike("a", 10s), strike("b", 10s), strike("c", 40s)};

  const auto groups = fault_groups(record);

  EXPECT_EQ(groups[0].window, (TimeWindow{at(10s), at(40s)}));
  EXPECT_EQ(groups[1].window, groups[0].window);
}

TEST(Measures, DetectsByTheFirstCandidacy) {
  EXPECT_EQ(after_loss(leader_loss_record(), "detection_time"), measured(Duration{1s}, 2));
}

TEST(Measures, TakesTheElectionFromTheFirstCandidacyToTheLeader) {
  EXPECT_EQ(after_loss(leader_loss_record(), "election_time"), measured(Duration{50ms}, 2));
}

TEST(Measures, IsLeaderlessBetweenTheCommitsOfTwoTerms) {
  // The last write before the crash was invoked at 19.99 s and committed 1 ms later.
  EXPECT_EQ(after_loss(leader_loss_record(), "leaderless"), measured(Duration{1109ms}, 2));
}

TEST(Measures, TakesTheFirstSuccessOfAnOperationInvokedAfterTheFault) {
  EXPECT_EQ(after_loss(leader_loss_record(), "first_success"), measured(Duration{1102ms}, 1000));
}

TEST(Measures, CountsTheTermsThatAFaultCost) {
  RunRecord record = leader_loss_record();
  EXPECT_EQ(after_loss(record, "terms_advanced").amount()[0], Amount{Count{1}});

  record.candidacies.push_back({.at = at(22s), .host = cp_c, .term = 9, .pre_vote = true});
  EXPECT_EQ(after_loss(record, "terms_advanced").amount()[0], Amount{Count{1}}) << "a pre-vote";

  record.candidacies.back().pre_vote = false;
  EXPECT_EQ(after_loss(record, "terms_advanced").amount()[0], Amount{Count{6}});
}

TEST(Measures, CallsATermSplitOnlyIfTwoStoodAndNobodyWon) {
  RunRecord record = leader_loss_record();
  const auto stand = [&](HostId host, std::uint64_t term) {
    record.candidacies.push_back(
        {.at = at(20500ms), .host = host, .term = term, .pre_vote = false});
  };
  stand(cp_c, 4);  // lost against cp-a
  stand(cp_a, 5);  // alone
  stand(cp_a, 6);
  stand(cp_c, 6);

  EXPECT_EQ(after_loss(record, "split_votes").amount()[0], Amount{Count{1}});
}

TEST(Measures, HasNoElectionWhereTheLeaderKeptItsOffice) {
  const RunRecord record = struck_follower_record();

  for (const char* measure : {"detection_time", "election_time", "leaderless"}) {
    EXPECT_TRUE(std::holds_alternative<NotApplicable>(after_loss(record, measure).what)) << measure;
  }
  EXPECT_EQ(after_loss(record, "terms_advanced"), measured(Count{0}, 0));
}

TEST(Measures, HasNoElectionWhereAFollowerStandsInVain) {
  RunRecord record = struck_follower_record();
  record.candidacies.push_back({.at = at(21s), .host = cp_c, .term = 4, .pre_vote = true});

  EXPECT_EQ(after_loss(record, "detection_time"), measured(Duration{1s}, 1));
  EXPECT_TRUE(std::holds_alternative<NotApplicable>(after_loss(record, "election_time").what));
}

TEST(Measures, CensorsWhatDidNotFollowTheLossOfALeader) {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("leader-loss", 20s));
  disturb(record, 20s, 30s, 300ms, OperationOutcome::failed);
  std::erase_if(record.commits, [](const CommitRecord& commit) { return commit.at >= at(20s); });

  for (const char* measure : {"detection_time", "election_time", "leaderless", "first_success",
                              "recovery_time", "recovery_time.detect"}) {
    EXPECT_TRUE(after_loss(record, measure).is_censored()) << measure;
  }
}

TEST(Measures, HasNoElectionWhereTheLeaderIsTheClientOfALoad) {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("leader-loss", 20s));
  record.faults.back().kind = "load";
  std::erase_if(record.operations, [](const auto& op) { return op.invoked_at >= at(20s); });
  std::erase_if(record.commits, [](const CommitRecord& commit) { return commit.at >= at(20s); });

  for (const char* measure : {"detection_time", "election_time", "leaderless"}) {
    EXPECT_TRUE(std::holds_alternative<NotApplicable>(after_loss(record, measure).what)) << measure;
  }
}

TEST(Measures, CensorsAnElectionThatNobodyWon) {
  RunRecord record = leader_loss_record();
  record.leaders.pop_back();
  std::erase_if(record.commits, [](const CommitRecord& commit) { return commit.term == 4; });

  EXPECT_EQ(after_loss(record, "detection_time"), measured(Duration{1s}, 2));
  EXPECT_TRUE(after_loss(record, "election_time").is_censored());
  EXPECT_TRUE(after_loss(record, "leaderless").is_censored());
}

TEST(Measures, SpansTheOutageFromTheFirstBadOperationToTheEndOfTheLast) {
  EXPECT_EQ(after_loss(leader_loss_record(), "outage"), measured(Duration{1390ms}, 1000));
}

TEST(Measures, HasNoOutageWhereEverythingWentWell) {
  EXPECT_EQ(after_loss(struck_follower_record(), "outage"), measured(Duration::zero(), 1000));
}

TEST(Measures, CountsAnOperationCaughtByTheFaultIntoTheOutageFromTheFaultOn) {
  RunRecord record = struck_follower_record();
  disturb(record, 19990ms, 20s, 100ms, OperationOutcome::failed);

  EXPECT_EQ(after_loss(record, "outage"), measured(Duration{90ms}, 1001));
}

TEST(Measures, TakesSlowerThanTheTimeoutForBad) {
  RunRecord record = struck_follower_record();
  disturb(record, 22s, 22010ms, 300ms, OperationOutcome::ok);
  EXPECT_EQ(after_loss(record, "outage"), measured(Duration::zero(), 1000));

  disturb(record, 22s, 22010ms, 301ms, OperationOutcome::ok);
  EXPECT_EQ(after_loss(record, "outage"), measured(Duration{301ms}, 1000));
}

TEST(Measures, CensorsAnOutageThatLastedToTheEndOfTheRun) {
  RunRecord record = struck_follower_record();
  record.operations.back().outcome = OperationOutcome::unfinished;
  record.operations[2000].outcome = OperationOutcome::unfinished;
  record.operations[2000].ended_at = record.ended_at;

  const MeasureValue value = after_loss(record, "outage");

  ASSERT_TRUE(value.is_censored());
  EXPECT_EQ(std::get<Censored>(value.what).at_least, Amount{Duration{9s}});
}

TEST(Measures, GivesTheOutageOfTheClientThatWasHitWorst) {
  RunRecord record = struck_follower_record();
  disturb(record, 21s, 21010ms, 50ms, OperationOutcome::failed);
  disturb(record, 22s, 22010ms, 70ms, OperationOutcome::failed);
  record.operations[2000].client = HostId{9};

  EXPECT_EQ(after_loss(record, "outage"), measured(Duration{1070ms}, 1000));
  EXPECT_EQ(after_loss(record, "outage.worst_client"), measured(Duration{70ms}, 999));
}

TEST(Measures, CensorsTheWorstLatencyAtTheLengthOfTheFault) {
  RunRecord record = leader_loss_record();
  EXPECT_EQ(after_loss(record, "max_op_latency"), measured(Duration{300ms}, 1000));

  disturb(record, 20s, 20010ms, 5s, OperationOutcome::ok);
  const MeasureValue value = after_loss(record, "max_op_latency");
  ASSERT_TRUE(value.is_censored());
  EXPECT_EQ(std::get<Censored>(value.what).at_least, Amount{Duration{5s}});
}

TEST(Measures, CountsAvailabilityOverOperationsOfKnownFate) {
  RunRecord record = leader_loss_record();
  EXPECT_EQ(after_loss(record, "availability"), measured(Ratio::of(890, 1000), 1000));

  record.operations.back().outcome = OperationOutcome::unfinished;
  EXPECT_EQ(after_loss(record, "availability"), measured(Ratio::of(889, 999), 999));
}

TEST(Measures, TakesWriteLatencyByNearestRankOverSuccessfulWrites) {
  RunRecord record = struck_follower_record();
  disturb(record, 21s, 21100ms, 7ms, OperationOutcome::ok);
  disturb(record, 21s, 21010ms, 9ms, OperationOutcome::ok);
  disturb(record, 23s, 23010ms, 50ms, OperationOutcome::failed);
  record.operations[2400].kind = OperationKind::read;
  disturb(record, 25s, 25010ms, 60ms, OperationOutcome::ok);

  EXPECT_EQ(after_loss(record, "write_latency.p50"), measured(Duration{2ms}, 998));
  EXPECT_EQ(after_loss(record, "write_latency.p99"), measured(Duration{7ms}, 998));
  EXPECT_EQ(after_loss(record, "write_latency.max"), measured(Duration{9ms}, 998));
}

TEST(Measures, HasNoEvidenceOfLatencyWithoutASuccessfulWrite) {
  RunRecord record = struck_follower_record();
  disturb(record, 20s, 30s, 5ms, OperationOutcome::failed);

  EXPECT_TRUE(std::holds_alternative<NoEvidence>(after_loss(record, "write_latency.p99").what));
}

TEST(Measures, CountsIndeterminateOperations) {
  EXPECT_EQ(after_loss(leader_loss_record(), "indeterminate"), measured(Count{110}, 1000));
}

TEST(Measures, CountsAcknowledgedWritesThatTheFinalReadsMiss) {
  RunRecord record = leader_loss_record();
  EXPECT_EQ(value_of(record, "control_plane.lost_acked", ""), measured(Count{0}, 2900));
  EXPECT_EQ(after_loss(record, "rpo_time"), measured(Duration::zero(), 2900));

  record.final_reads.visible -= 2;
  record.final_reads.lost_acked_at = {at(19500ms), at(19900ms)};
  EXPECT_EQ(value_of(record, "control_plane.lost_acked", ""), measured(Count{2}, 2900));
  EXPECT_EQ(after_loss(record, "lost_acked"), measured(Count{2}, 2900));
  EXPECT_EQ(after_loss(record, "rpo_time"), measured(Duration{500ms}, 2900));
}

TEST(Measures, KnowsNothingOfLossWithoutFinalReads) {
  RunRecord record = leader_loss_record();
  record.final_reads = {};
  record.final_reads.why_not = "no quorum after 30 s";

  const MeasureValue value = value_of(record, "control_plane.lost_acked", "");

  EXPECT_EQ(value, no_evidence("no quorum after 30 s"));
}

TEST(Measures, KnowsNothingOfLossWithoutAnAcknowledgedWrite) {
  RunRecord record = leader_loss_record();
  record.final_reads.acked = 0;

  EXPECT_TRUE(
      std::holds_alternative<NoEvidence>(value_of(record, "control_plane.lost_acked", "").what));
}

TEST(Measures, TakesTheSteadyWindowFromBeforeTheFirstFault) {
  RunRecord record = leader_loss_record();
  const Measures measures{record, {.recovery = {.steady = 4s}}};

  EXPECT_EQ(measures.steady(), (TimeWindow{at(16s), at(20s)}));
  EXPECT_EQ(measures.baseline(), Duration{2ms});
}

TEST(Measures, HasARowForEveryMeasureOfTheCatalogue) {
  const RunRecord record = leader_loss_record();
  const MeasureTable table = Measures{record, {}}.table();

  std::size_t expected = 0;
  for (const MeasureInfo& info : measure_catalogue()) {
    if (info.name.starts_with("gossip.") || info.name.starts_with("virtual_address.")) {
      EXPECT_EQ(table.find(info.name, ""), nullptr) << "nobody gossips, or shares an address";
      continue;
    }
    // A lost leader is no change of policy, no rollout and no rotation; nobody is in a registry or
    // has a certificate, and there are no replicas and no gate.
    const bool of_others = info.name.starts_with("replication.") ||
                           info.name.starts_with("identity.") || info.name.starts_with("gate.");
    const bool of_run = info.whole_run && !of_others;
    const bool of_fault = info.per_fault && !of_others && !info.name.starts_with("policy.") &&
                          !info.name.starts_with("endpoints.") &&
                          !info.name.starts_with("rollout.") && !info.name.starts_with("rotation.");
    EXPECT_EQ(table.find(info.name, "") != nullptr, of_run) << info.name;
    EXPECT_EQ(table.find(info.name, "leader-loss") != nullptr, of_fault) << info.name;
    expected += (of_run ? 1U : 0U) + (of_fault ? 1U : 0U);
  }
  EXPECT_EQ(table.rows().size(), expected);
}

TEST(Measures, GivesEveryAmountInTheUnitOfTheCatalogue) {
  RunRecord record = leader_loss_record();
  const MeasureTable table = Measures{record, {}}.table();

  for (const MeasureRow& row : table.rows()) {
    const Amount* amount = row.value.amount();
    ASSERT_NE(amount, nullptr) << row.key.name() << ": " << why_absent(row.value);
    EXPECT_EQ(unit_of(*amount), find_measure(row.key.measure)->unit) << row.key.name();
  }
}

TEST(Amount, PrintsForPeople) {
  EXPECT_EQ(amount_text(Duration{1234567890ns}), "1.235 s");
  EXPECT_EQ(amount_text(Duration{12500us}), "12.5 ms");
  EXPECT_EQ(amount_text(Duration{350us}), "350 µs");
  EXPECT_EQ(amount_text(Duration{7ns}), "7 ns");
  EXPECT_EQ(amount_text(Duration{0}), "0 s");
  EXPECT_EQ(amount_text(Duration{-2s}), "-2 s");
  EXPECT_EQ(amount_text(Duration{12345s}), "12345 s");
  EXPECT_EQ(amount_text(Amount{Count{1234567}}), "1234567");
  EXPECT_EQ(exact_text(Amount{Duration{3000000001ns}}), "3.000000001 s");
}

TEST(Amount, NeverRoundsUpToTheWhole) {
  EXPECT_EQ(amount_text(Amount{Ratio::of(1, 1)}), "100 %");
  EXPECT_EQ(amount_text(Amount{Ratio::of(9995, 10000)}), "99.95 %");
  EXPECT_EQ(amount_text(Amount{Ratio::of(999999, 1000000)}), "99.9999 %");
}

TEST(Amount, ComparesRatiosExactly) {
  EXPECT_EQ(Ratio::of(999, 1000), Ratio::of(999'000'000, 1'000'000'000));
  EXPECT_LT(Ratio::of(998'999, 1'000'000), Ratio::of(999'000'000, 1'000'000'000));
  EXPECT_GT(Ratio::of(999'001, 1'000'000), Ratio::of(999'000'000, 1'000'000'000));
}

}  // namespace
}  // namespace windtunnel::chaos
