// Scenarios in which proxies find instances through the registry.
#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// Six instances of a shop that asks two of a till, behind one client; leases of three seconds.
ScenarioText shop() {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..6}": { "spread": ["a", "b", "c"] },
                 "till-{1..2}": { "spread": ["a", "b"] }, "client": { "zone": "a" } } })";
  scenario.control_plane =
      R"({ "on": "cp-*", "registry": { "heartbeat": "1s", "expire_after": 3 } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": "2ms", "calls": ["till"] },
                       "till": { "on": "till-*", "workers": 4, "service_time": "1ms" } },
         "policies": { "*→shop": { "balance": "round_robin", "timeout": "200ms", "deadline": "1s" } },)";
  scenario.load = R"([{ "to": "shop", "from": "client", "rate": "100/s" }])";
  return scenario;
}

RunRecord run(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return run_plan(planned(scenario, seed), {});
}

MeasureValue after(const RunRecord& record, std::string_view measure, std::string_view fault) {
  const Measures measures{record, {}};
  return measures.after(measure, *measures.find_fault(fault));
}

Duration time_after(const RunRecord& record, std::string_view measure, std::string_view fault) {
  return std::get<Duration>(*after(record, measure, fault).amount());
}

/// How many requests of [from, to) succeeded, and how many did not.
std::pair<std::size_t, std::size_t> outcomes(const RunRecord& record, Duration from, Duration to) {
  std::pair<std::size_t, std::size_t> counts;
  for (const OperationRecord& request : record.services[0].requests) {
    const Duration at = request.invoked_at.time_since_epoch();
    if (at >= from && at < to) {
      ++(request.outcome == OperationOutcome::ok ? counts.first : counts.second);
    }
  }
  return counts;
}

TEST(Discovery, ServesEveryRequestOnceTheFirstEndpointsHaveCome) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord record = run(shop(), seed);
    EXPECT_EQ(outcomes(record, 10s, 60s).second, 0U) << "seed " << seed;
    EXPECT_GT(outcomes(record, 10s, 60s).first, 4000U);
    EXPECT_EQ(record.enrolments.size(), 8U);
    EXPECT_EQ(record.endpoint_changes.size(), 8U);
  }
}

TEST(Discovery, DropsALostInstanceFromEveryProxyWithinItsLeaseAndAPush) {
  ScenarioText scenario = shop();
  scenario.timeline = R"([{ "id": "gone", "at": "20s", "host_loss": "web-1 | till-2" }])";
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunRecord record = run(scenario, seed);
    const Duration max = time_after(record, "endpoints.convergence.max", "gone");
    // The last heartbeat may have been a second old; the leader looks twice a second.
    EXPECT_GE(max, 2s) << "seed " << seed;
    EXPECT_LE(max, 3s + 500ms + 300ms) << "seed " << seed;
    EXPECT_LE(time_after(record, "endpoints.convergence.p50", "gone"), max);
    EXPECT_EQ(outcomes(record, 20s + max, 60s).second, 0U) << "seed " << seed;
    EXPECT_GT(outcomes(record, 20s, 20s + max).second, 0U) << "seed " << seed;
    // Everything that did not succeed was asked by a proxy that did not know yet.
    EXPECT_GE(std::get<Count>(*after(record, "endpoints.stale_requests", "gone").amount()),
              outcomes(record, 20s, 60s).second / 2);
  }
}

TEST(Discovery, TellsEveryProxyOfInstancesThatComeBackAfterTheirLeases) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "away", "at": "20s", "host_loss": "web-1 | web-2 | till-2", "restart_after": "10s" }])";
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord record = run(scenario, seed);
    const Duration back = time_after(record, "endpoints.return.max", "away");
    EXPECT_GE(back, time_after(record, "endpoints.enrolment", "away")) << "seed " << seed;
    EXPECT_LE(back, time_after(record, "endpoints.enrolment", "away") + 300ms) << "seed " << seed;
    EXPECT_LE(time_after(record, "endpoints.return.p50", "away"), back);
  }
}

TEST(Discovery, DisturbsNobodyWhenAnInstanceRestartsWithinItsLease) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "restart", "at": "20s", "crash": "web-*", "restart_after": "100ms" }])";
  const RunRecord record = run(scenario);
  EXPECT_EQ(after(record, "endpoints.convergence.max", "restart").amount(), nullptr);
  EXPECT_LE(time_after(record, "endpoints.enrolment", "restart"), 500ms);
  // New leases are news to the registry, and to no proxy that lived on.
  const auto applied_late =
      std::count_if(record.policies_applied.begin(), record.policies_applied.end(),
                    [&](const PolicyAppliedRecord& applied) {
                      return applied.at > TrueInstant{20s} &&
                             record.host_names[applied.proxy.value()] == "client";
                    });
  EXPECT_EQ(applied_late, 0);
  EXPECT_EQ(outcomes(record, 25s, 60s).second, 0U);
}

TEST(Discovery, KeepsServingByTheLastEndpointsWhenTheControlPlaneIsGone) {
  ScenarioText scenario = shop();
  scenario.timeline = R"([{ "id": "gone", "at": "20s", "host_loss": "cp-*" }])";
  EXPECT_EQ(outcomes(run(scenario), 20s, 60s).second, 0U);
}

TEST(Discovery, GoesOnWithTheLastEndpointsWhenAllLeasesRunOutAtOnce) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "cut", "at": "20s", "for": "20s", "partition": ["web-* | till-*", "cp-*"] }])";
  const RunRecord record = run(scenario);
  const auto removed =
      std::count_if(record.endpoint_changes.begin(), record.endpoint_changes.end(),
                    [](const EndpointChangeRecord& change) { return change.is_removed; });
  EXPECT_EQ(removed, 8);
  EXPECT_EQ(outcomes(record, 20s, 60s).second, 0U);
}

TEST(Discovery, ForgetsNobodyUnderSelfPreservationWhileAllSeemToBeGone) {
  ScenarioText scenario = shop();
  scenario.more.replace(scenario.more.find("\"services\""), 0, R"("duration": "300s", )");
  std::string text = scenario.text();
  text.replace(text.find(R"("duration": "60s", )"), std::string{R"("duration": "60s", )"}.size(),
               "");
  const auto removed_in = [](std::string scenario_text) {
    const RunRecord record = run_plan(make_plan(loaded(std::move(scenario_text)), 1), {});
    return std::count_if(record.endpoint_changes.begin(), record.endpoint_changes.end(),
                         [](const EndpointChangeRecord& change) { return change.is_removed; });
  };
  const auto with = [&](const std::string& registry, const std::string& timeline) {
    std::string changed = text;
    changed.replace(changed.find(R"("expire_after": 3)"), 17, R"("expire_after": 100)" + registry);
    changed.replace(changed.find(R"("timeline": [])"), 14, R"("timeline": )" + timeline);
    return changed;
  };
  // Leases outlast a window, so that the missing heartbeats are noticed before they run out.
  const std::string cut =
      R"([{ "at": "130s", "for": "160s", "partition": ["web-* | till-*", "cp-*"] }])";
  EXPECT_EQ(removed_in(with("", cut)), 8);
  EXPECT_EQ(removed_in(with(R"(, "self_preservation": true)", cut)), 0);
}

TEST(Discovery, SendsAProxyOnlyWhatItCalls) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "change", "at": "20s", "policy": { "*→till": { "timeout": "150ms" } } },
          { "id": "other", "at": "30s", "policy": { "*→shop": { "timeout": "150ms" } } }])";
  const RunRecord record = run(scenario);
  const auto pushes = [&](std::string_view id) {
    return std::get<Count>(*after(record, "policy.pushes", id).amount());
  };
  EXPECT_EQ(pushes("change"), 6U);  // The shop's own proxies call the till ...
  EXPECT_EQ(pushes("other"), 1U);   // ... and the client the shop.
  EXPECT_EQ(after(record, "policy.convergence.max", "change").n, 6U);
  EXPECT_EQ(after(record, "policy.convergence.max", "other").n, 1U);
}

TEST(Discovery, PlansWhatItsPlanSays) {
  const Plan plan = planned(shop());
  ASSERT_TRUE(plan.control_plane.registry);
  EXPECT_EQ(plan.control_plane.registry->heartbeat, 1s);
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
  EXPECT_NE(plan_text(plan).find("registry: a heartbeat every 1s, gone after 3s\n"),
            std::string::npos);
}

}  // namespace
}  // namespace windtunnel::chaos
