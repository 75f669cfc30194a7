// Gossip in whole runs: proxies leave out of the choice what the group has found dead, and measures
// say when, and who was wronged.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/gossip_measures.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/made_record.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

/// Nine instances behind one client without retries, checks or ejection.
ScenarioText shop(const std::string& timeline, const std::string& gossip = "{}") {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp": {}, "web-{1..9}": {}, "front": {} } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more = (gossip.empty() ? "" : R"("gossip": )" + gossip + ", ") +
                  R"("services": { "shop": { "on": "web-*", "workers": 8, "service_time": "1ms" } },
         "policies": { "*→shop": { "balance": "round_robin", "timeout": "100ms", "deadline": "100ms" } },)";
  scenario.load = R"([{ "to": "shop", "from": "front", "rate": "300/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

double failures(const RunRecord& record, Duration from, Duration to) {
  double failed = 0;
  for (const OperationRecord& request : record.services[0].requests) {
    const Duration at = request.invoked_at.time_since_epoch();
    failed += at >= from && at < to && request.outcome != OperationOutcome::ok ? 1 : 0;
  }
  return failed;
}

MeasureValue after(const RunRecord& record, std::string_view measure, std::string_view id) {
  const Measures measures{record, {}};
  return measures.after(measure, *measures.find_fault(id));
}

constexpr const char* kLoss =
    R"([{ "id": "gone", "at": "20s", "host_loss": "web-{1..2}", "restart_after": "25s" }])";

TEST(Gossip, HasProxiesLeaveOutWhatIsLostAndTakeItBack) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord record = run_plan(planned(shop(kLoss), seed), {});
    const MeasureValue all = after(record, "gossip.detection.max", "gone");
    ASSERT_NE(all.amount(), nullptr) << to_text(all);
    const Duration found = std::get<Duration>(*all.amount());
    EXPECT_GT(found, 4s) << "seed " << seed;
    EXPECT_LT(found, 20s) << "seed " << seed;
    EXPECT_GT(failures(record, 20s, 24s), 200) << "seed " << seed;
    EXPECT_EQ(failures(record, 20s + found + 200ms, 45s), 0) << "seed " << seed;
    std::map<std::string, int> picked;
    for (const OperationRecord& request : record.services[0].requests) {
      if (request.invoked_at > at(50s)) {
        ++picked[record.host_names[request.picked.value()]];
      }
    }
    EXPECT_EQ(picked.size(), 9U) << "seed " << seed;
  }
}

TEST(Gossip, IsWhatLeavesThemOut) {
  const RunRecord record = run_plan(planned(shop(kLoss, "")), {});
  EXPECT_GT(failures(record, 40s, 45s), 200);
  EXPECT_TRUE(
      std::holds_alternative<NotApplicable>(after(record, "gossip.detection.max", "gone").what));
}

// Others reach it, and it answers: nobody is wronged for a link that two of them have lost.
TEST(Gossip, AsksOthersBeforeItTakesSomebodyForDead) {
  const std::string link =
      R"([{ "id": "cut", "at": "20s", "for": "30s", "loss": "100%", "between": ["web-1", "web-2"] }])";
  const std::string island =
      R"([{ "id": "cut", "at": "20s", "for": "30s", "partition": ["web-1"] }])";
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord one_link = run_plan(planned(shop(link), seed), {});
    EXPECT_EQ(after(one_link, "gossip.false_deaths", "cut"), measured(Count{0}, 10)) << seed;
    // A false death by the book: the nine others bury it, and it all of them.
    const RunRecord cut_off = run_plan(planned(shop(island), seed), {});
    EXPECT_GE(std::get<Count>(*after(cut_off, "gossip.false_deaths", "cut").amount()), 9U) << seed;
  }
}

TEST(Gossip, IsTheSameRunForTheSameSeed) {
  EXPECT_EQ(run_plan(planned(shop(kLoss), 4), {}).digest,
            run_plan(planned(shop(kLoss), 4), {}).digest);
}

/// At 20 s the first of three members is lost; the second finds out at 24 s, the third at 26 s.
RunRecord record_with(const std::string& kind) {
  RunRecord record = steady_record(30s);
  FaultRecord fault = strike("fault", 20s, 25s);
  fault.kind = kind;
  fault.targets = {cp_a};
  record.faults.push_back(fault);
  record.gossip_members = {cp_a, cp_b, cp_c};
  record.membership.push_back({at(24s), cp_b, cp_a, false});
  record.membership.push_back({at(26s), cp_c, cp_a, false});
  return record;
}

MeasureValue value_of(const RunRecord& record, std::string_view measure) {
  return gossip_measure(record, measure, fault_groups(record).front());
}

TEST(GossipMeasures, CountFromTheLossAndCallWhatComesTooLateWrong) {
  for (const char* const kind : {"crash", "host_loss", "pause"}) {
    const RunRecord record = record_with(kind);
    EXPECT_EQ(value_of(record, "gossip.detection.first"), measured(Duration{4s}, 2)) << kind;
    EXPECT_EQ(value_of(record, "gossip.detection.p50"), measured(Duration{4s}, 2)) << kind;
    EXPECT_EQ(value_of(record, "gossip.detection.max"), measured(Duration{6s}, 2)) << kind;
    EXPECT_EQ(value_of(record, "gossip.false_deaths"), measured(Count{1}, 3)) << kind;
  }
}

TEST(GossipMeasures, CallTheDeathOfWhatIsOnlyCutOffWrong) {
  const RunRecord record = record_with("partition");
  EXPECT_TRUE(std::holds_alternative<NotApplicable>(value_of(record, "gossip.detection.max").what));
  EXPECT_EQ(value_of(record, "gossip.false_deaths"), measured(Count{2}, 3));
}

TEST(GossipMeasures, AreCensoredWhereSomebodyNeverFoundOut) {
  RunRecord record = record_with("crash");
  record.membership.pop_back();
  EXPECT_TRUE(value_of(record, "gossip.detection.max").is_censored());
  EXPECT_EQ(value_of(record, "gossip.detection.p50"), measured(Duration{4s}, 2));
}

}  // namespace
}  // namespace windtunnel::chaos
