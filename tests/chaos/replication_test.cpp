// Replication in whole runs: plans, replicas and their clients through faults, measures.
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

/// Three regions with a replica and a client each, one of whose clocks is two seconds ahead.
ScenarioText regions(const std::string& settings) {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "west", "c": "south" },
      "hosts": { "cp": { "zone": "c" }, "store-a": { "zone": "a", "clock": { "offset": "2s" } },
                 "store-{b,c}": { "zone": "{}" }, "client-{a,b,c}": { "zone": "{}" } },
      "latency": { "wan": "35ms" } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.load = "[]";
  scenario.more = R"("replication": { "on": "store-*", "max_ahead": "5s", )" + settings +
                  R"("load": [{ "from": "client-*", "rate": "60/s", "keys": 40 }] },)";
  return scenario;
}

/// Hosts lost, paused and cut off, over each other, and an outbox that is too small for it.
ScenarioText regions_in_trouble() {
  ScenarioText scenario = regions(R"("hints": 40, "repair_every": "2s", )");
  scenario.timeline =
      R"([{ "at": "8s", "host_loss": "store-a", "restart_after": { "between": ["1s", "4s"] } },
          { "at": { "between": ["9s", "16s"] }, "crash": "store-b", "restart_after": "2s" },
          { "at": { "between": ["9s", "16s"] }, "pause": "store-c", "for": "3s" },
          { "id": "split", "at": "20s", "for": "12s", "partition": ["region:west"] },
          { "at": { "between": ["20s", "30s"] }, "host_loss": "store-b", "restart_after": "500ms",
            "every": "7s", "times": 3 },
          { "at": "45s", "loss": "20%", "on": "store-c", "for": "5s" }])";
  return scenario;
}

RunRecord run(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return run_plan(planned(scenario, seed), {});
}

Amount measure(const RunRecord& record, std::string_view name) {
  const MeasureValue value = Measures{record, {}}.over_run(name);
  return value.amount() == nullptr ? Amount{Count{999}} : *value.amount();
}

TEST(Replication, LosesNothingThatWasAcknowledgedAndConvergesWhateverStrikes) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const RunRecord record = run(regions_in_trouble(), seed);
    for (const char* const name :
         {"replication.lost_acked", "replication.divergent", "replication.resurrected",
          "replication.set_anomalies", "replication.lost_newer", "replication.refused"}) {
      EXPECT_EQ(measure(record, name), Amount{Count{0}}) << name << ", seed " << seed;
    }
    EXPECT_GT(record.replication->accepted.size(), 1500U) << "seed " << seed;
    const Measures measures{record, {}};
    const MeasureValue converged =
        measures.after("replication.convergence_time", *measures.find_fault("split"));
    ASSERT_NE(converged.amount(), nullptr) << "seed " << seed;
    EXPECT_LT(std::get<Duration>(*converged.amount()), std::chrono::seconds{28}) << "seed " << seed;
  }
}

// The same writes, stamped in two ways.
TEST(Replication, LosesLaterWritesByWallClocksOnly) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord hybrid = run(regions(R"("stamps": "hybrid", )"), seed);
    const RunRecord wall = run(regions(R"("stamps": "wall", )"), seed);
    EXPECT_EQ(measure(hybrid, "replication.lost_newer"), Amount{Count{0}}) << "seed " << seed;
    EXPECT_GT(measure(wall, "replication.lost_newer"), Amount{Count{100}}) << "seed " << seed;
    EXPECT_EQ(measure(wall, "replication.divergent"), Amount{Count{0}}) << "seed " << seed;
  }
}

TEST(Replication, KeepsOutAClockThatIsTooFarAhead) {
  ScenarioText scenario = regions("");
  scenario.more.replace(scenario.more.find("5s"), 2, "1s");
  const RunRecord record = run(scenario);
  EXPECT_GT(measure(record, "replication.refused"), Amount{Count{100}});
  // They come when the others' clocks have caught up.
  EXPECT_EQ(measure(record, "replication.lost_acked"), Amount{Count{0}});
  EXPECT_EQ(measure(record, "replication.divergent"), Amount{Count{0}});
}

TEST(Replication, BringsTheDeletedBackWhereDeletionsAreForgottenTooEarly) {
  for (const bool is_early : {false, true}) {
    ScenarioText scenario =
        regions(is_early ? R"("hints": 20, "deletions_kept": "1s", )" : R"("hints": 20, )");
    scenario.timeline = R"([{ "at": "10s", "for": "20s", "partition": ["region:west"] }])";
    // Many keys, so that few are written again.
    const std::string keys = R"("keys": 40)";
    scenario.more.replace(scenario.more.find(keys), keys.size(),
                          R"("keys": 3000, "skew": 1, "mix": { "put": 1, "erase": 1 })");
    Count resurrected = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      resurrected += std::get<Count>(measure(run(scenario, seed), "replication.resurrected"));
    }
    EXPECT_EQ(resurrected > 0, is_early);
  }
}

TEST(Replication, RepairsWhatAnOutboxCouldNotHoldAndOnlyThen) {
  for (const bool repairs : {false, true}) {
    ScenarioText scenario = regions(repairs ? R"("hints": 20, "repair_every": "2s", )"
                                            : R"("hints": 20, "repair_every": null, )");
    scenario.timeline =
        R"([{ "id": "split", "at": "10s", "for": "10s", "partition": ["region:west"] }])";
    const RunRecord record = run(scenario);
    EXPECT_EQ(measure(record, "replication.lost_acked") == Amount{Count{0}}, repairs);
    const Measures measures{record, {}};
    EXPECT_EQ(
        measures.after("replication.convergence_time", *measures.find_fault("split")).is_censored(),
        !repairs);
  }
}

TEST(Replication, IsPlannedAsItsPlanSays) {
  for (const char* const settings :
       {"", R"("stamps": "wall", "retry": "90ms", "hints": 7, "repair_every": null, )",
        R"("repair_every": "3s", "deletions_kept": "9s", )"}) {
    const Plan plan = planned(regions(settings));
    ASSERT_TRUE(plan.replication);
    EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan) << settings;
  }
  const std::string text = plan_text(planned(regions(R"("deletions_kept": "9s", )")));
  EXPECT_NE(text.find("replicas: store-a, store-b, store-c; hybrid stamps, repair every 10s, "
                      "deletions kept for 9s"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("load: 60/s on the replicas from client-a, client-b, client-c; 40 keys"),
            std::string::npos)
      << text;
}

TEST(Replication, LetsAClientAskTheReplicaOfItsZoneOrElseOfItsRegion) {
  ScenarioText scenario = regions("");
  scenario.topology =
      R"({ "zones": { "a": "east", "b": "west", "c": "south", "a2": "east", "a3": "east" },
           "hosts": { "cp": {}, "store-{a,b,c,a2}": { "zone": "{}" },
                      "client-{a,b,c,a2,a3}": { "zone": "{}" } } })";
  const Plan plan = planned(scenario);
  std::vector<std::string> asked;
  for (const HostId replica : plan.replication->loads[0].replicas) {
    asked.push_back(plan.hosts[replica.value()].name);
  }
  EXPECT_EQ(asked,
            (std::vector<std::string>{"store-a", "store-b", "store-c", "store-a2", "store-a"}));
}

}  // namespace
}  // namespace windtunnel::chaos
