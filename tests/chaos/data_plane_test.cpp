#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "chaos/judge/judgement.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

/// Six instances of a service behind one client, and three control-plane hosts.
ScenarioText shop() {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..6}": { "spread": ["a", "b", "c"] },
                 "client": { "zone": "a" } } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": { "exponential": "2ms" } } },
         "policies": { "*→shop": { "balance": "least_request", "timeout": "200ms", "deadline": "1s" } },)";
  scenario.load = R"([{ "to": "shop", "from": "client", "rate": "200/s" }])";
  return scenario;
}

RunRecord run(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return run_plan(planned(scenario, seed), {});
}

MeasureValue over_run(const RunRecord& record, std::string_view measure) {
  return Measures{record, {}}.over_run(measure);
}

MeasureValue after(const RunRecord& record, std::string_view measure, std::string_view fault) {
  const Measures measures{record, {}};
  return measures.after(measure, *measures.find_fault(fault));
}

double ratio_of(const MeasureValue& value) {
  return std::get<Ratio>(*value.amount()).value;
}

TEST(DataPlane, ServesEveryRequestWhereNothingBreaks) {
  const RunRecord record = run(shop());
  ASSERT_EQ(record.services.size(), 1U);
  EXPECT_NEAR(static_cast<double>(record.services[0].requests.size()), 12'000, 500);
  EXPECT_EQ(ratio_of(over_run(record, "shop.availability")), 1.0);
  EXPECT_EQ(ratio_of(over_run(record, "shop.attempts")), 1.0);
  EXPECT_EQ(record.proxies, 7U);
}

TEST(DataPlane, IsTheSameRunForTheSameSeed) {
  EXPECT_EQ(run(shop(), 5).digest, run(shop(), 5).digest);
  EXPECT_NE(run(shop(), 5).digest, run(shop(), 6).digest);
}

TEST(DataPlane, KeepsServingByTheLastPolicyWhenTheControlPlaneIsGone) {
  ScenarioText scenario = shop();
  scenario.timeline = R"([{ "id": "gone", "at": "20s", "host_loss": "cp-*" }])";
  const RunRecord record = run(scenario);
  EXPECT_EQ(ratio_of(after(record, "shop.availability", "gone")), 1.0);
}

TEST(DataPlane, EnforcesANewPolicyOnEveryProxyThoughTheLeaderIsLost) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "loss", "at": "20s", "crash": "leader", "restart_after": "10s" },
          { "id": "limit", "at": "20100ms", "policy": { "*→shop": { "rate_limit": { "rate": "50/s", "burst": 5 } } } }])";
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord record = run(scenario, seed);
    const MeasureValue all = after(record, "policy.convergence.max", "limit");
    ASSERT_NE(all.amount(), nullptr) << "seed " << seed << ": " << to_text(all);
    EXPECT_LT(std::get<Duration>(*all.amount()), std::chrono::seconds{15}) << "seed " << seed;
    std::size_t admitted = 0;
    for (const OperationRecord& request : record.services[0].requests) {
      const bool is_late = request.invoked_at > TrueInstant{std::chrono::seconds{45}};
      admitted += is_late && request.outcome == OperationOutcome::ok ? 1U : 0U;
    }
    // Fifteen seconds at fifty a second, and a burst.
    EXPECT_LE(admitted, 755U) << "seed " << seed;
    EXPECT_GE(admitted, 740U) << "seed " << seed;
  }
}

TEST(DataPlane, AddsTheTimeThatADocumentCostsToConvergenceAndToNothingElse) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "change", "at": "20s", "policy": { "*→shop": { "timeout": "150ms" } } }])";
  const RunRecord free = run(scenario);
  scenario.control_plane = R"({ "on": "cp-*", "config": { "document_cost": "50ms" } })";
  const RunRecord costly = run(scenario);
  const auto part = [](const RunRecord& record, std::string_view measure) {
    return std::get<Duration>(*after(record, measure, "change").amount());
  };
  EXPECT_EQ(part(free, "policy.convergence.apply"), Duration::zero());
  EXPECT_EQ(part(costly, "policy.convergence.apply"), std::chrono::milliseconds{50});
  EXPECT_EQ(part(costly, "policy.convergence.max"), part(costly, "policy.convergence.debounce") +
                                                        part(costly, "policy.convergence.push") +
                                                        part(costly, "policy.convergence.apply"));
  EXPECT_EQ(part(costly, "policy.convergence.p50"),
            part(free, "policy.convergence.p50") + std::chrono::milliseconds{50});
  EXPECT_EQ(ratio_of(over_run(costly, "shop.availability")), 1.0);
}

TEST(DataPlane, PushesAllPoliciesInASnapshotAndTheChangedOneInADelta) {
  ScenarioText scenario = shop();
  scenario.more =
      R"("services": { "shop-{1..6}": { "on": "web-{}" } },
         "policies": { "*→shop-{1..6}": { "timeout": "200ms" } },)";
  scenario.load = R"([{ "to": "shop-1", "from": "client", "rate": "20/s" }])";
  scenario.timeline =
      R"([{ "id": "all", "at": "10s", "policy": { "*→shop-{1..6}": { "timeout": "150ms" } } },
          { "id": "one", "at": "20s", "policy": { "*→shop-{1..1}": { "timeout": "100ms" } } }])";
  const auto count = [](const RunRecord& record, std::string_view measure, std::string_view id) {
    return std::get<Count>(*after(record, measure, id).amount());
  };
  const RunRecord delta = run(scenario);
  scenario.control_plane = R"({ "on": "cp-*", "config": { "push": "snapshot" } })";
  const RunRecord snapshot = run(scenario);
  for (const RunRecord* record : {&delta, &snapshot}) {
    EXPECT_EQ(count(*record, "policy.pushes", "one"), 7U);
    // Both are snapshots where nothing is held.
    EXPECT_EQ(count(*record, "policy.pushed_bytes", "all"),
              count(delta, "policy.pushed_bytes", "all"));
  }
  EXPECT_GT(count(snapshot, "policy.pushed_bytes", "one"),
            5 * count(delta, "policy.pushed_bytes", "one"));
}

TEST(DataPlane, SplitsConvergenceIntoCommitDebounceAndPush) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "change", "at": "20s", "policy": { "*→shop": { "timeout": "150ms" } } }])";
  const RunRecord record = run(scenario);
  const auto part = [&](std::string_view measure) {
    return std::get<Duration>(*after(record, measure, "change").amount());
  };
  EXPECT_GT(part("policy.convergence.commit"), Duration::zero());
  // Istio's debounce, which is what the publisher uses.
  EXPECT_NEAR(static_cast<double>(part("policy.convergence.debounce").count()), 100e6, 20e6);
  EXPECT_EQ(part("policy.convergence.max"), part("policy.convergence.debounce") +
                                                part("policy.convergence.push") +
                                                part("policy.convergence.apply"));
  // Documents cost nothing here.
  EXPECT_EQ(part("policy.convergence.apply"), Duration::zero());
  // The followers learn of the commit with a heartbeat, and debounce from there.
  EXPECT_LT(part("policy.convergence.push"), std::chrono::milliseconds{150});
  EXPECT_LE(part("policy.convergence.p50"), part("policy.convergence.p99"));
  // The client's proxy had the old policy for the time of the debounce and the push: at 200
  // requests a second, some twenty requests.
  const MeasureValue stale = after(record, "policy.stale_requests", "change");
  EXPECT_GE(std::get<Count>(*stale.amount()), 10U);
  EXPECT_LE(std::get<Count>(*stale.amount()), 40U);
}

TEST(DataPlane, RetriesElsewhereWhatALostInstanceDoesNotAnswer) {
  ScenarioText scenario = shop();
  scenario.more.replace(scenario.more.find("\"deadline\""), 0,
                        R"("retry": { "attempts": 3, "backoff": "1ms..10ms" }, )");
  scenario.timeline =
      R"([{ "id": "loss", "at": "20s", "host_loss": "web-1", "restart_after": "20s" }])";
  const RunRecord record = run(scenario);
  EXPECT_GT(ratio_of(after(record, "shop.availability", "loss")), 0.999);
  EXPECT_GT(ratio_of(after(record, "shop.attempts", "loss")), 1.0);
  scenario = shop();
  scenario.timeline =
      R"([{ "id": "loss", "at": "20s", "host_loss": "web-1", "restart_after": "20s" }])";
  EXPECT_LT(ratio_of(after(run(scenario), "shop.availability", "loss")), 0.999);
}

/// The shop with a second version, which works on three of the six instances.
ScenarioText shop_of_two(const std::string& split) {
  ScenarioText scenario = shop();
  scenario.more.replace(
      scenario.more.find("\"workers\""), 0,
      R"("versions": { "2": { "on": "web-{4..6}", "errors": "10%" } }, "split": )" + split + ", ");
  return scenario;
}

double share_of_version(const RunRecord& record, std::uint32_t version) {
  const auto& requests = record.services[0].requests;
  const auto count = std::count_if(requests.begin(), requests.end(),
                                   [&](const auto& r) { return r.version == version; });
  return static_cast<double>(count) / static_cast<double>(requests.size());
}

TEST(DataPlane, DividesRequestsAmongVersionsAsTheSplitSays) {
  // Twelve thousand requests: five standard deviations are 1.6 % at a share of 15 %.
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord record = run(shop_of_two(R"({ "1": "85%", "2": "15%" })"), seed);
    EXPECT_NEAR(share_of_version(record, 2), 0.15, 0.0165) << "seed " << seed;
    EXPECT_NEAR(ratio_of(over_run(record, "shop.availability")), 0.985, 0.006) << "seed " << seed;
  }
  const RunRecord record = run(shop_of_two(R"({ "1": "100%" })"));
  EXPECT_EQ(share_of_version(record, 1), 1.0);
  EXPECT_EQ(ratio_of(over_run(record, "shop.availability")), 1.0);
}

TEST(DataPlane, RetriesARequestAtTheVersionThatItWasGiven) {
  ScenarioText scenario = shop_of_two(R"({ "1": "50%", "2": "50%" })");
  scenario.more.replace(scenario.more.find("\"deadline\""), 0,
                        R"("retry": { "attempts": 2, "backoff": "1ms..10ms" }, )");
  scenario.more.replace(scenario.more.find("10%"), 3, "100%");
  const RunRecord record = run(scenario);
  for (const OperationRecord& request : record.services[0].requests) {
    EXPECT_EQ(request.outcome == OperationOutcome::ok, request.version == 1);
    EXPECT_EQ(request.attempts, request.version);
  }
}

TEST(DataPlane, GivesEveryVersionTheErrorsOfItsServiceWhereItSaysNone) {
  ScenarioText scenario = shop_of_two(R"({ "1": "100%" }, "errors": "3%")");
  scenario.more.replace(scenario.more.find(R"(, "errors": "10%")"), 17, "");
  const Plan plan = planned(scenario);
  ASSERT_EQ(plan.services[0].versions.size(), 2U);
  EXPECT_EQ(plan.services[0].versions[0].errors, Probability::of_ratio(0.03));
  EXPECT_EQ(plan.services[0].versions[1].errors, plan.services[0].versions[0].errors);
}

TEST(DataPlane, PlansTheVersionsThatItsPlanSays) {
  const Plan plan = planned(shop_of_two(R"({ "1": "99.5%", "2": "0.5%" }, "split_by": "key")"));
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
  EXPECT_EQ(plan.services[0].versions.at(0).on.size(), 3U);
  EXPECT_EQ(proxy::share_of(*plan.services[0].split, 2), 5'000'000U);
}

TEST(DataPlane, PlansWhatItsPlanSays) {
  ScenarioText scenario = shop();
  scenario.timeline =
      R"([{ "id": "change", "at": "20s", "policy": { "*→shop": { "timeout": "150ms",
             "breaker": { "slow_ratio": "30%" }, "outlier": {}, "retry": { "budget": "20%" },
             "rate_limit": { "rate": "7/s" }, "concurrency": 9, "throttle": { "k": 1.1 },
             "adaptive_concurrency": { "kind": "envoy_gradient", "minimum": 5, "window": "50ms" } } } },
          { "id": "hedge", "at": "25s", "policy": { "*→shop": { "retry": null, "hedge": { "after": "p99.9", "budget": "7%" },
             "adaptive_concurrency": "vegas", "throttle": { "kind": "envoy_admission_control" },
             "breaker": { "consecutive_errors": 4, "error_count": 9 }, "locality": "failover",
             "health_check": { "interval": "3s", "jitter": "5%" }, "quota": { "rate": "90/m", "when_unreachable": "open" } } } },
          { "id": "back", "at": "30s", "policy": { "*→shop": { "breaker": null } } },
          { "id": "loss", "at": "40s", "crash": "service:shop & zone:b" }])";
  const Plan plan = planned(scenario);
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
  const auto& change = std::get<PolicyChange>(plan.timeline[0].fault).policies.at(0);
  EXPECT_EQ(change.deadline, std::chrono::seconds{1});
  EXPECT_TRUE(change.breaker);
  const auto& back = std::get<PolicyChange>(plan.timeline[2].fault).policies.at(0);
  EXPECT_FALSE(back.breaker);
  EXPECT_EQ(back.timeout, std::chrono::milliseconds{150});
}

}  // namespace
}  // namespace windtunnel::chaos
