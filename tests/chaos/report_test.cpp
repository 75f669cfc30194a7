#include "chaos/report/report.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "chaos/report/campaign_table.hpp"
#include "chaos/report/csv.hpp"
#include "chaos/report/output_file.hpp"
#include "chaos/report/report_json.hpp"
#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

std::vector<Expectation> some_expectations() {
  Expectation gate;
  gate.that = "control_plane.availability";
  gate.kind = ExpectationKind::gate;
  gate.bound = AtLeast{Ratio::of(99, 100)};
  Expectation recovery;
  recovery.that = "control_plane.recovery_time";
  recovery.bound = AtMost{Duration{1s}};
  recovery.window = WindowKind::after;
  recovery.fault = "leader-loss";
  Expectation safety;
  safety.that = "raft.safety";
  safety.kind = ExpectationKind::invariant;
  return {gate, recovery, safety};
}

std::string report_of(const RunRecord& record, const Style& style) {
  return run_report(record, judge(record, some_expectations()),
                    replay_command("scenarios/leader-loss.json", record.seed), style);
}

RunRecord never_restored_record() {
  RunRecord record = leader_loss_record();
  disturb(record, 21s, 30s, 300ms, OperationOutcome::failed);
  return record;
}

TEST(RunReport, ShowsTimelineChainServiceExpectationsAndVerdict) {
  RunRecord record = leader_loss_record();
  record.wall_seconds = 0.5;

  EXPECT_EQ(report_of(record, {.colour = false, .width = 80}), R"(Made by hand
  seed 7, digest 0123456789abcdef0123456789abcdef
  30 s simulated in 0.50 s (60 × real time), 9000 events, 4000 messages

Timeline
  20.000 s            leader-loss    crash cp-b (leader, term 3)
  20.001 s  +0.001 s  took effect    touched 12
  21.000 s  +1.000 s  detected       cp-a asked to stand for term 4
  21.050 s  +1.050 s  elected        cp-a, term 4
  21.090 s  +1.090 s  restored       what is invoked from here on is good again
  21.100 s  +1.100 s  first commit   of the new term
  21.102 s  +1.102 s  first success  of an operation invoked after the fault
  25.000 s  +5.000 s  fault ended

Recovery of leader-loss
  detect     1000.000 ms  91.7 %  █████████████████████████▊
  elect        50.000 ms   4.6 %  █▎
  propagate    40.000 ms   3.7 %  █                           came after recovery
  reconnect     0.000 ms   0.0 %                              came after recovery
  sustain       0.000 ms   0.0 %
  total      1090.000 ms

Service
                     availability  write p50   p99   max  outage  unknown fate
  whole run               96.21 %       2 ms  2 ms  2 ms       —           110
  after leader-loss          89 %       2 ms  2 ms  2 ms  1.39 s           110
  baseline 2 ms, the largest p99 of a window in 10 s … 20 s

Expectations
  ✓  control_plane.availability@steady         100 %  ≥ 99 %  n 1000  gate, 10 s … 20 s
  ✗  control_plane.recovery_time@leader-loss  1.09 s  ≤ 1 s   n 1000  20 s … 30 s
  ✓  raft.safety                                   0  never   n 2793  invariant, 0 s … 30 s

Verdict: fail
  control_plane.recovery_time@leader-loss: 1.090000001 s instead of ≤ 1 s
Replay:  windtunnel run scenarios/leader-loss.json --seed 7
)");
}

TEST(RunReport, ColoursNothingButWhatIsTheSameWithoutColour) {
  const std::string plain = report_of(leader_loss_record(), {});
  std::string coloured = report_of(leader_loss_record(), {.colour = true});
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  EXPECT_THAT(coloured, HasSubstr("\x1b[31mfail\x1b[0m"));

  for (const char* escape : {"\x1b[0m", "\x1b[1m", "\x1b[31m", "\x1b[32m"}) {
    for (std::size_t at = 0; (at = coloured.find(escape)) != std::string::npos;) {
      coloured.erase(at, std::string_view{escape}.size());
    }
  }
  EXPECT_EQ(coloured, plain);
}

TEST(RunReport, SaysWhyAServiceWasNotRestored) {
  const std::string report = report_of(never_restored_record(), {});

  EXPECT_THAT(report, HasSubstr("not restored  the service was not good again"));
  EXPECT_THAT(report, HasSubstr("No recovery of leader-loss seen"));
  EXPECT_THAT(report, HasSubstr("∞  ≤ 1 s"));
}

TEST(RunReport, ReplaysNothingThatPassed) {
  RunRecord record = steady_record(30s);
  record.faults.push_back(strike("leader-loss", 20s));
  const std::string report = report_of(record, {});

  EXPECT_THAT(report, HasSubstr("Verdict: pass\n"));
  EXPECT_THAT(report, Not(HasSubstr("Replay")));
}

TEST(RunReport, ShowsARunWithoutFaults) {
  EXPECT_THAT(report_of(steady_record(30s), {}), HasSubstr("no fault was injected"));
}

TEST(RunReport, ShowsAChainThatAddsUpToTheMicrosecond) {
  RunRecord record = leader_loss_record();
  record.candidacies[1].at += 333'444ns;
  record.leaders[1].at += 777'666ns;
  record.faults[0].injected_at -= 111'500ns;
  const std::string report = report_of(record, {});

  std::int64_t sum = 0;
  for (const char* part :
       {"detect   ", "elect    ", "propagate", "reconnect", "sustain  ", "total"}) {
    const std::size_t found = report.find(std::string{"  "} + part + " ");
    ASSERT_NE(found, std::string::npos) << part;
    const std::size_t digits = report.find_first_of("0123456789", found);
    const std::size_t point = report.find('.', digits);
    const auto length = std::stoll(report.substr(digits, point - digits)) * 1000 +
                        std::stoll(report.substr(point + 1, 3));
    sum += std::string{part} == "total" ? -length : length;
  }
  EXPECT_EQ(sum, 0) << report;
}

TEST(ReplayCommand, QuotesWhatAShellWouldTakeApart) {
  EXPECT_EQ(replay_command("a/b-1.json", 7), "windtunnel run a/b-1.json --seed 7");
  EXPECT_EQ(replay_command("it's here.json", 7), "windtunnel run 'it'\\''s here.json' --seed 7");
}

TEST(Bar, FillsEighthsOfAColumn) {
  EXPECT_EQ(bar(0, 4), "");
  EXPECT_EQ(bar(1e-9, 4), "▏");
  EXPECT_EQ(bar(0.5, 4), "██");
  EXPECT_EQ(bar(0.625, 4), "██▌");
  EXPECT_EQ(bar(1, 4), "████");
}

const Json& named(const Json& array, const std::string& name) {
  return *std::ranges::find_if(array, [&](const Json& entry) { return entry["name"] == name; });
}

TEST(RunJson, ReadsBackToTheSameNumbers) {
  const RunRecord record = leader_loss_record();
  const Judgement judgement = judge(record, some_expectations());
  const Json json = Json::parse(run_json(record, judgement, "replay it"));

  EXPECT_EQ(json["report"], "windtunnel.run/1");
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["verdict"], "fail");
  EXPECT_EQ(json["replay"], "replay it");
  EXPECT_EQ(json["faults"][0]["detected"]["host"], "cp-a");
  EXPECT_EQ(json["faults"][0]["restored_at"], 21.090000001);
  EXPECT_EQ(json["measures"].size(), judgement.table.rows().size());
  for (const MeasureRow& row : judgement.table.rows()) {
    const Json& value = named(json["measures"], row.key.name())["value"];
    EXPECT_EQ(value.get<double>(), number_of(*row.value.amount())) << row.key.name();
  }
  const Json& recovery = json["expectations"][1];
  EXPECT_EQ(recovery["bound"], Json::parse(R"({"at_most": 1.0})"));
  EXPECT_EQ(recovery["window"], Json::parse(R"({"from": 20.0, "to": 30.0})"));
  EXPECT_EQ(recovery["verdict"], "fail");
}

TEST(RunJson, TellsTheKindsOfAbsenceApart) {
  RunRecord record = never_restored_record();
  record.final_reads = {};
  record.leaders.pop_back();
  record.candidacies.resize(1);
  record.faults[0].targets = {cp_c};
  const Json json = Json::parse(run_json(record, judge(record, some_expectations()), "replay it"));

  const Json& recovery = named(json["measures"], "control_plane.recovery_time@leader-loss");
  EXPECT_TRUE(recovery["value"].is_null());
  EXPECT_EQ(recovery["censored"], "the service was not good again when the window closed");
  EXPECT_EQ(recovery["at_least"], 10.0);
  const Json& lost = named(json["measures"], "control_plane.lost_acked");
  EXPECT_TRUE(lost["value"].is_null());
  EXPECT_TRUE(lost.contains("no_evidence"));
  const Json& election = named(json["measures"], "control_plane.election_time@leader-loss");
  EXPECT_TRUE(election.contains("not_applicable"));
}

TEST(RunJson, SurvivesBytesThatAreNotUtf8) {
  RunRecord record = leader_loss_record();
  record.scenario = "caf\xe9";

  EXPECT_TRUE(Json::accept(run_json(record, judge(record, {}), "")));
}

Campaign small_campaign() {
  RunRecord good = leader_loss_record();
  good.seed = 2;
  RunRecord bad = never_restored_record();
  bad.seed = 11;
  std::vector<Expectation> expectations = some_expectations();
  expectations[1].bound = AtMost{Duration{2s}};
  Expectation over_seeds = expectations[1];
  over_seeds.over_seeds = SeedStatistic::p50;
  expectations.push_back(over_seeds);
  const JudgementOptions options{.measures = {}, .over_seeds = OverSeeds::judged_later};
  return judge_campaign("Made by hand",
                        {failed_campaign_run(12, "livelock at 3 s"),
                         campaign_run(bad, judge(bad, expectations, options)),
                         campaign_run(good, judge(good, expectations, options))},
                        expectations);
}

std::vector<std::string> cells(const std::string& csv, std::size_t line) {
  std::size_t start = 0;
  for (; line > 0; --line) {
    start = csv.find("\r\n", start) + 2;
  }
  std::vector<std::string> fields(1);
  for (std::size_t i = start; csv[i] != '\r'; ++i) {
    if (csv[i] == ',') {
      fields.emplace_back();
    } else {
      fields.back() += csv[i];
    }
  }
  return fields;
}

std::vector<std::string> column(const std::string& csv, const std::string& name) {
  const std::vector<std::string> head = cells(csv, 0);
  const auto index = static_cast<std::size_t>(std::ranges::find(head, name) - head.begin());
  std::vector<std::string> values;
  for (std::size_t line = 1; line <= 3; ++line) {
    const auto row = cells(csv, line);
    EXPECT_EQ(row.size(), head.size());
    values.push_back(index < row.size() ? row[index] : "no column " + name);
  }
  return values;
}

TEST(CampaignCsv, HasOneRowPerSeedAndOneColumnPerMeasure) {
  const std::string csv = campaign_csv(small_campaign());

  EXPECT_TRUE(csv.starts_with("seed,verdict,digest,fault.injected_at@leader-loss,"));
  EXPECT_TRUE(csv.ends_with("\r\n"));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 4);
  EXPECT_THAT(column(csv, "seed"), ElementsAre("2", "11", "12"));
  EXPECT_THAT(column(csv, "verdict"), ElementsAre("pass", "fail", "error"));
  EXPECT_THAT(column(csv, "control_plane.recovery_time@leader-loss"),
              ElementsAre("1.090000001", "inf", ""));
  EXPECT_THAT(column(csv, "control_plane.detection_time@leader-loss"), ElementsAre("1", "1", ""));
  EXPECT_THAT(column(csv, "control_plane.write_latency.p99"), ElementsAre("0.002", "0.002", ""));
  EXPECT_THAT(column(csv, "control_plane.indeterminate"), ElementsAre("110", "100", ""));
}

TEST(CampaignCsv, QuotesAsRfc4180) {
  EXPECT_EQ(csv_field("plain"), "plain");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"so\""), "\"say \"\"so\"\"\"");
  EXPECT_EQ(csv_field("two\nlines"), "\"two\nlines\"");
}

TEST(CampaignJson, CountsVerdictsAndLeavesInfinityOut) {
  const Json json = Json::parse(campaign_json(small_campaign(), "a.json"));

  EXPECT_EQ(json["report"], "windtunnel.campaign/1");
  EXPECT_EQ(json["counts"],
            Json::parse(R"({"pass": 1, "inconclusive": 0, "fail": 1, "error": 1})"));
  const Json& recovery = named(json["measures"], "control_plane.recovery_time@leader-loss");
  EXPECT_EQ(recovery["n"], 2);
  EXPECT_EQ(recovery["without"], 1);
  EXPECT_EQ(recovery["censored"], 1);
  EXPECT_EQ(recovery["min"], 1.090000001);
  EXPECT_TRUE(recovery["max"].is_null());
  EXPECT_EQ(recovery["worst_seed"], 11);
  EXPECT_EQ(json["runs"][2]["reasons"][0], "livelock at 3 s");
  EXPECT_EQ(json["runs"][2]["replay"], "windtunnel run a.json --seed 12");
}

TEST(CampaignReport, ShowsCountsStatisticsAndTheSeedsToReplay) {
  const std::string report = campaign_report(small_campaign(), "a.json", {});

  EXPECT_THAT(report,
              HasSubstr("3 seeds, 60 s simulated\n  1 pass, 0 inconclusive, 1 fail, 1 error\n"));
  EXPECT_THAT(report, HasSubstr("  ! seed 12: livelock at 3 s\n"
                                "      windtunnel run a.json --seed 12\n"
                                "  ✗ seed 11: "));
  EXPECT_THAT(report, HasSubstr("✗  p50 of control_plane.recovery_time@leader-loss  ∞  ≤ 2 s"));
  EXPECT_THAT(report, HasSubstr("\nVerdict: error\n"));
}

TEST(Histogram, CountsEverySampleOnce) {
  MeasureOverSeeds measure;
  measure.key.measure = "control_plane.recovery_time";
  for (const double value : {1.0, 1.0, 2.0, 3.0, 5.0, std::numeric_limits<double>::infinity()}) {
    measure.samples.push_back({.seed = measure.samples.size(), .value = value});
  }

  EXPECT_EQ(histogram(measure, 2, {.colour = false, .width = 48}),
            "  1 s  …  3 s  3  ████████\n"
            "  3 s  …  5 s  2  █████▍\n"
            "    ∞          1  ██▋\n");
}

class OutputFile : public ::testing::Test {
 protected:
  void SetUp() override {
    directory_ = std::filesystem::path{testing::TempDir()} /
                 ("output_file_" +
                  std::string{testing::UnitTest::GetInstance()->current_test_info()->name()});
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] static std::string contents_of(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  [[nodiscard]] std::ptrdiff_t files() const {
    return std::distance(std::filesystem::directory_iterator{directory_}, {});
  }

  std::filesystem::path directory_;
};

TEST_F(OutputFile, ReplacesTheOldFileWhole) {
  const auto path = directory_ / "report.json";
  write_file_atomically(path, "a long first version");
  write_file_atomically(path, "short");

  EXPECT_EQ(contents_of(path), "short");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFile, LeavesNothingBehindWhereItCannotTakeTheName) {
  const auto path = directory_ / "taken";
  std::filesystem::create_directories(path / "by a directory");

  EXPECT_THROW(write_file_atomically(path, "x"), std::filesystem::filesystem_error);
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFile, NamesThePathThatCannotBeWritten) {
  const auto path = directory_ / "missing" / "report.json";
  try {
    write_file_atomically(path, "x");
    FAIL() << "writing into a missing directory succeeded";
  } catch (const std::filesystem::filesystem_error& error) {
    EXPECT_EQ(error.path1(), path);
    EXPECT_THAT(error.what(), HasSubstr("No such file or directory"));
  }
}

}  // namespace
}  // namespace windtunnel::chaos
