// The gate before changes in whole runs: what is denied reaches no proxy, whatever befalls the
// control plane.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/gate_measures.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/scenario/plan.hpp"
#include "tests/chaos/made_record.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

ScenarioText gated(const std::string& timeline, const std::string& more = "") {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..3}": { "spread": ["a", "b", "c"] },
                 "front-{1..3}": { "zone": "a" } } })";
  scenario.control_plane =
      R"({ "on": "cp-*", "gate": { "poll": "1s", "rules": [
           { "deny": "an attempt may take 5s at most", "when": "/policies/*/timeout > data:/longest" },
           { "deny": "too much memory", "when": "/review/memory > 8Gi" } ],
           "data": { "longest": "5s" } )" +
      more + "} }";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 8, "service_time": { "exponential": "2ms" } } },
         "policies": { "*→shop": { "timeout": "200ms" } },)";
  scenario.load = R"([{ "to": "shop", "from": "front-*", "rate": "60/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

constexpr const char* kDenied =
    R"({ "id": "denied", "at": { "between": ["10s", "20s"] }, "policy": { "*→shop": { "timeout": "30s", "deadline": "60s" } } })";
constexpr const char* kAllowed =
    R"({ "id": "allowed", "at": "25s", "policy": { "*→shop": { "timeout": "300ms", "deadline": "1s" } } })";

TEST(Gate, LetsNoDeniedChangeReachAProxyWhateverBefallsTheControlPlane) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunRecord record = run_plan(
        planned(
            gated(
                std::string{"["} + kDenied + "," + kAllowed +
                R"(, { "id": "x", "at": { "between": ["9s", "19s"] }, "crash": "leader", "restart_after": "4s" }])"),
            seed),
        {});
    for (const PolicyChangeRecord& change : record.policy_changes) {
      EXPECT_EQ(change.id == "allowed", change.committed_at.has_value()) << seed;
    }
    // Before the other change there was nothing for anybody to apply.
    for (const PolicyAppliedRecord& applied : record.policies_applied) {
      EXPECT_TRUE(applied.at > at(25s) || applied.revision == 0) << seed;
    }
    EXPECT_FALSE(record.policies_applied.empty()) << seed;
  }
}

TEST(Gate, SaysWhyAndByWhichBundle) {
  const RunRecord record = run_plan(
      planned(
          gated(
              std::string{"["} + kDenied +
              R"(, { "id": "large", "at": "30s", "policy": { "*→shop": { "timeout": "1s" } }, "review": { "memory": "16Gi" } }])"),
          1),
      {});
  ASSERT_EQ(record.gate_decisions.size(), 2U);
  EXPECT_EQ(record.gate_decisions[0].reason, "an attempt may take 5s at most");
  EXPECT_EQ(record.gate_decisions[1].reason, "too much memory");
  EXPECT_GT(record.gate_decisions[0].revision, 0U);
  EXPECT_LT(record.gate_decisions[0].age, 1200ms);
  EXPECT_NE(record.faults[0].detail.find("; denied: an attempt"), std::string::npos);
  const Measures measures{record, {}};
  EXPECT_EQ(measures.over_run("gate.denied"), measured(Count{2}, 2));
  EXPECT_EQ(measures.after("policy.convergence.max", *measures.find_fault("denied")),
            not_applicable("the gate denied it: an attempt may take 5s at most"));
}

TEST(Gate, IsClosedOrOpenUntilItHasABundle) {
  // Nobody leads for the first second or more.
  const std::string early =
      R"([{ "id": "early", "at": "300ms", "policy": { "*→shop": { "timeout": "100ms" } } }])";
  const RunRecord closed = run_plan(planned(gated(early), 1), {});
  EXPECT_EQ(closed.policy_changes.at(0).denied, "there is no bundle yet");
  const RunRecord open = run_plan(planned(gated(early, R"(, "without_bundle": "open")"), 1), {});
  EXPECT_TRUE(open.policy_changes.at(0).committed_at);
  EXPECT_EQ(open.gate_decisions.at(0).revision, 0U);
}

TEST(Gate, GoesByTheLastGoodBundleAndShowsItsAge) {
  const RunRecord record = run_plan(
      planned(
          gated(
              R"([{ "at": "10s", "bundle": "garbled" }, { "id": "late", "at": "30s", "policy": { "*→shop": { "timeout": "10s", "deadline": "20s" } } }])"),
          1),
      {});
  ASSERT_EQ(record.gate_decisions.size(), 1U);
  EXPECT_FALSE(record.gate_decisions[0].is_allowed);
  EXPECT_GT(record.gate_decisions[0].age, 19s);
  EXPECT_EQ(gate_measure(record, "gate.refused_bundles", {at(10s), at(30s)}),
            measured(Count{3}, 3));
}

TEST(Gate, FollowsANewBundle) {
  const RunRecord record = run_plan(
      planned(
          gated(
              R"([{ "at": "10s", "bundle": { "rules": [{ "deny": "nothing goes", "when": "exists /kind" }] } },
                        { "id": "late", "at": "20s", "policy": { "*→shop": { "timeout": "100ms" } } }])"),
          1),
      {});
  EXPECT_EQ(record.policy_changes.at(0).denied, "nothing goes");
}

TEST(GatePlan, LoadsAsItPrintsItself) {
  const Plan plan = planned(gated(R"([{ "at": "10s", "bundle": "garbled" },
                { "at": "11s", "bundle": { "rules": [{ "deny": "no", "when": "not exists /a" }], "data": { "a": [1, { "b": null }] } } },
                { "at": "12s", "policy": { "*→shop": { "timeout": "100ms" } }, "review": { "limits": { "memory": "16Gi", "replicas": 3, "privileged": false } } }])"),
                            4);
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 4), plan) << plan_json(plan);
  EXPECT_NE(plan_text(plan).find("gate: 2 rules, polled every 1s; closed without them\n"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel::chaos
