#include "chaos/scenario/plan.hpp"

#include <cstdint>
#include <limits>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

constexpr const char* kTwoRangedFaults =
    R"([{ "id": "first", "at": { "between": ["10s", "20s"] }, "crash": "leader" },
        { "id": "second", "at": { "between": ["30s", "40s"] }, "pause": "leader", "for": "1s" }])";

TEST(Plan, DrawsWithinTheRange) {
  ScenarioText scenario;
  scenario.timeline = kTwoRangedFaults;
  std::set<TrueInstant> times;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const TrueInstant at = planned(scenario, seed).timeline[0].at;
    EXPECT_GE(at, instant_at<TrueInstant>(10'000'000'000));
    EXPECT_LE(at, instant_at<TrueInstant>(20'000'000'000));
    times.insert(at);
  }
  EXPECT_EQ(times.size(), 100U);
}

TEST(Plan, IsTheSameForTheSameSeed) {
  ScenarioText scenario;
  scenario.timeline = kTwoRangedFaults;
  EXPECT_EQ(planned(scenario, 5), planned(scenario, 5));
  EXPECT_NE(planned(scenario, 5).timeline[0].at, planned(scenario, 6).timeline[0].at);
}

TEST(Plan, KeepsADrawWhenAFaultIsAddedBeforeIt) {
  ScenarioText scenario;
  scenario.timeline = kTwoRangedFaults;
  const Plan before = planned(scenario, 5);
  scenario.timeline = R"([{ "id": "new", "at": { "between": ["1s", "2s"] }, "crash": "cp-a" },)" +
                      std::string{kTwoRangedFaults}.substr(1);
  const Plan after = planned(scenario, 5);
  EXPECT_EQ(after.timeline[1], before.timeline[0]);
  EXPECT_EQ(after.timeline[2], before.timeline[1]);
}

TEST(Plan, DrawsEveryKindOfQuantity) {
  ScenarioText scenario;
  scenario.more = R"("encode_messages": true,)";
  scenario.topology =
      R"({ "hosts": { "cp-{a,b,c}": { "cores": { "between": [1, 64] },
                                      "message_cost": { "between": ["0s", "1ms"] },
                                      "clock": { "offset": { "between": ["-1s", "1s"] },
                                                 "drift": { "between": ["-50ppm", "50ppm"] } } },
                      "client": {} },
           "latency": { "wan": { "between": ["1ms", "99ms"] },
                        "region": { "median": { "between": ["1ms", "2ms"] }, "p99": "3ms" } },
           "bandwidth": { "wan": { "between": ["1Mbps", "1Gbps"] } },
           "loss": { "wan": { "between": ["0%", "10%"] } } })";
  scenario.load =
      R"([{ "to": "control_plane", "from": "client",
            "rate": { "between": ["100/s", "300/s"] }, "value_size": { "between": ["1B", "1MiB"] } }])";
  const Plan one = planned(scenario, 1);
  const Plan two = planned(scenario, 2);
  EXPECT_NE(one.hosts[0].message_cost, two.hosts[0].message_cost);
  EXPECT_NE(one.hosts[0].clock.offset, two.hosts[0].clock.offset);
  EXPECT_NE(one.hosts[0].clock.drift, two.hosts[0].clock.drift);
  EXPECT_NE(one.network.wan, two.network.wan);
  EXPECT_NE(one.network.wan.loss, two.network.wan.loss);
  EXPECT_NE(one.network.wan.bandwidth, two.network.wan.bandwidth);
  EXPECT_NE(one.network.region.latency, two.network.region.latency);
  EXPECT_NE(one.loads[0].rate, two.loads[0].rate);
  EXPECT_NE(one.loads[0].value_size, two.loads[0].value_size);
  EXPECT_EQ(make_plan(loaded(plan_json(one)), 1), one);
}

TEST(Plan, RefusesASeedWhoseDrawsContradictEachOther) {
  ScenarioText scenario;
  scenario.topology =
      R"({ "hosts": { "cp-{a,b,c}": {}, "client": {} },
           "latency": { "zone": { "median": { "between": ["1ms", "5ms"] },
                                  "p99": { "between": ["1ms", "5ms"] } } } })";
  const Scenario good_at_both_ends = loaded(scenario.text());
  int refused = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    try {
      static_cast<void>(make_plan(good_at_both_ends, seed));
    } catch (const BadInput& error) {
      EXPECT_EQ(error.errors().front().found, "a p99 below the median");
      ++refused;
    }
  }
  EXPECT_GT(refused, 0);
  EXPECT_LT(refused, 50);
}

// ---- plan → JSON → plan ----

std::string any_latency() {
  const auto low = std::to_string(*rc::gen::inRange(1, 1000));
  const auto high = std::to_string(*rc::gen::inRange(1000, 2000));
  return *rc::gen::element("\"" + low + "us\"", "\"" + high + "us±" + low + "ns\"",
                           R"({ "uniform": [")" + low + R"(us", ")" + high + R"(us"] })",
                           R"({ "exponential": ")" + low + R"(us" })",
                           R"({ "median": ")" + low + R"(us", "p99": ")" + high + R"(us" })",
                           R"({ "between": [")" + low + R"(us", ")" + high + R"(us"] })",
                           R"({ "empirical": [")" + high + R"(us", ")" + low + R"(ms"] })");
}

std::string any_target() {
  return *rc::gen::element<std::string>("leader", "followers", "a follower & zone:a | cp-b",
                                        "!leader & cp-*", "(minority | cp-{a,c}) & !zone:b");
}

std::string any_fault() {
  const std::string on = "\"" + any_target() + "\"";
  const std::string way = *rc::gen::element<std::string>("true", "false");
  return *rc::gen::element<std::string>(
      "\"crash\": " + on,
      "\"host_loss\": " + on + R"(, "restart_after": { "between": ["1s", "7s"] })",
      "\"pause\": " + on + R"(, "for": "1.5s")", "\"partition\": [" + on + R"(], "by": "reject")",
      R"("partition": ["leader", "client"], "for": "1s", "one_way": )" + way,
      "\"delay\": " + any_latency() + ", \"on\": " + on + ", \"one_way\": " + way,
      R"("loss": { "between": ["0.1%", "33.333%"] }, "between": ["zone:a", )" + on + "]");
}

std::string any_entry(const std::string& id) {
  const std::string when = *rc::gen::element<std::string>(
      R"("at": "1ns")", R"("at": { "between": ["10s", "40s"] })", R"("at": "10s", "every": "7.5s")",
      R"("at": "10s", "every": { "between": ["1s", "2s"] }, "times": { "between": [1, 10] })");
  return "{ \"id\": \"" + id + "\", " + when + ", " + any_fault() + " }";
}

std::string any_expectation() {
  return *rc::gen::element<std::string>(
      R"({ "that": "raft.safety" })",
      R"({ "that": "control_plane.availability", "gate": true, "at_least": "99.999%" })",
      R"({ "that": "control_plane.availability", "during": "f0", "until": "50s",
          "within": ["10%", "100%"], "on_empty": "pass" })",
      R"({ "that": "control_plane.write_latency.p99", "after": "f1", "until": "f0",
          "at_most": "123.456ms" })",
      R"({ "that": "control_plane.recovery_time", "after": "f1",
          "at_most": { "between": ["1s", "2s"] }, "over_seeds": "p95" })",
      R"({ "that": "control_plane.lost_acked", "equals": 0, "over_seeds": "max", "on_empty": "fail" })");
}

ScenarioText any_scenario() {
  ScenarioText scenario;
  scenario.more =
      R"("about": "\"quoted\" ± \\ \n",
        "recovery": { "latency_factor": 2.1, "window": { "between": ["1ms", "1s"] } },)";
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "west" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, 
                 "client": { "spread": ["c", "a"], "clock": { "drift": "-0.5ppm" } } },
      "latency": { "zone": )" +
                      any_latency() + R"(, "wan": )" + any_latency() +
                      R"( }, "bandwidth": { "wan": "1.5Gbps" }, "loss": { "zone": "0.000001%" } })";
  scenario.control_plane =
      R"({ "on": "cp-{a,b} | zone:c & cp-*", "raft": { "fsync": )" + any_latency() + " } }";
  scenario.timeline = "[" + any_entry("f0") + "," + any_entry("f1") + "]";
  scenario.expect = "[" + any_expectation() + "," + any_expectation() + "]";
  return scenario;
}

TEST(PlanJson, LoadsToAnEqualPlan) {
  EXPECT_TRUE(rc::check([] {
    const ScenarioText scenario = any_scenario();
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const Plan plan = planned(scenario, seed);
    const Scenario again = loaded(plan_json(plan));
    RC_ASSERT(again.seed() == seed);
    RC_ASSERT(make_plan(again, seed) == plan);
  }));
}

TEST(PlanJson, LeavesNothingToDraw) {
  EXPECT_TRUE(rc::check([] {
    const Plan plan = planned(any_scenario(), 3);
    Plan other = make_plan(loaded(plan_json(plan)), 4);
    other.seed = 3;
    RC_ASSERT(other == plan);
  }));
}

TEST(PlanJson, KeepsTheLargestSeed) {
  const std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
  EXPECT_EQ(loaded(plan_json(planned({}, largest))).seed(), largest);
}

// ---- for people ----

TEST(PlanText, TellsTheRunInAFewLines) {
  ScenarioText scenario;
  scenario.more = R"("about": "What happens.",)";
  scenario.timeline =
      R"([{ "id": "split", "at": "30s", "for": "5s", "partition": ["zone:a", "cp-b"], "one_way": true },
          { "id": "kill", "at": "10s", "every": "25s", "crash": "leader", "restart_after": "2s" }])";
  scenario.expect = R"([{ "that": "control_plane.recovery_time", "after": "kill", "at_most": "3s" },
                        { "that": "raft.safety" }])";
  EXPECT_EQ(
      plan_text(planned(scenario)),
      "test\n"
      "What happens.\n"
      "seed 1, 60s long\n"
      "\n"
      "system\n"
      "  zone a (east): cp-a, client\n"
      "  zone b (east): cp-b\n"
      "  zone c (west): cp-c\n"
      "  control plane: cp-a, cp-b, cp-c; tick 100ms, heartbeat 100ms, election timeout 1s to "
      "1.9s, pre-vote, check-quorum\n"
      "  load: 200/s poisson from client; 0% reads, values of 64B, timeout 300ms, deadline 2s\n"
      "\n"
      "timeline\n"
      "  at 10s: crash leader, restart after 2s [kill]\n"
      "  at 30s: partition [zone:a] | [cp-b] by drop, one way for 5s [split]\n"
      "  at 35s: crash leader, restart after 2s [kill]\n"
      "\n"
      "expected\n"
      "  objective: control_plane.recovery_time after kill ≤ 3 s\n"
      "  invariant: raft.safety\n");
}

}  // namespace
}  // namespace windtunnel::chaos
