// Active health checks in whole runs.
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

constexpr auto kCheck =
    R"("health_check": { "interval": "1s", "timeout": "300ms", "unhealthy": 2, "healthy": 2 })";
constexpr auto kRoundRobin = R"("balance": "round_robin")";

ScenarioText shop(const std::string& timeline, const std::string& checks) {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..6}": { "spread": ["a", "b", "c"] },
                 "client": { "zone": "a" } } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": { "exponential": "2ms" } } },
         "policies": { "*→shop": { "timeout": "200ms", )" +
      checks + R"( } },)";
  scenario.load = R"([{ "to": "shop", "from": "client", "rate": "200/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

/// Requests that failed in that stretch of the run.
std::size_t failures(const RunRecord& record, Duration from, Duration until) {
  std::size_t count = 0;
  for (const OperationRecord& request : record.services.at(0).requests) {
    const Duration at = request.invoked_at.time_since_epoch();
    count += at >= from && at < until && request.outcome != OperationOutcome::ok ? 1U : 0U;
  }
  return count;
}

TEST(HealthChecks, TakeOutWhatDoesNotAnswerAndBringItBack) {
  for (const std::string fault :
       {R"("crash": "web-1", "restart_after": "20s")",
        R"("host_loss": "web-1", "restart_after": "20s")", R"("pause": "web-1", "for": "20s")",
        R"("partition": ["web-1"], "for": "20s")"}) {
    const std::string timeline = R"([{ "id": "x", "at": "20s", )" + fault + " }]";
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const RunRecord record =
          run_plan(planned(shop(timeline, std::string{kCheck} + ", " + kRoundRobin), seed), {});
      EXPECT_EQ(failures(record, 10s, 19s), 0U) << fault;
      // Two probes, each at most 1.1 s after the end of the one before, and their timeouts.
      EXPECT_EQ(failures(record, 22'900ms, 40s), 0U) << fault << ", seed " << seed;
      // It is used again: not one of the other five alone serves everything.
      EXPECT_EQ(failures(record, 46s, 60s), 0U) << fault << ", seed " << seed;
    }
  }
}

// The check above can fail: without health checks one request in six is lost.
TEST(HealthChecks, AreMissedWhereTheyAreAbsent) {
  const RunRecord record = run_plan(
      planned(shop(R"([{ "id": "x", "at": "20s", "pause": "web-1", "for": "20s" }])", kRoundRobin),
              1),
      {});
  EXPECT_NEAR(static_cast<double>(failures(record, 23s, 39s)), 16 * 200 / 6.0, 60);
}

TEST(HealthChecks, AreOfTheSubsetThatAProxyUsesAndOfTheNextOne) {
  const std::string changes =
      R"([{ "id": "loss", "at": "15s", "pause": "web-{1..3}", "for": "40s" },
          { "id": "more", "at": "25s", "policy": { "*→shop": { "balance": { "subset_size": 5 } } } }])";
  const RunRecord record = run_plan(
      planned(
          shop(
              changes,
              std::string{kCheck} +
                  R"(, "balance": { "kind": "round_robin", "subset_size": 4, "panic_percent": 0 })"),
          1),
      {});
  EXPECT_EQ(failures(record, 10s, 15s), 0U);
  EXPECT_EQ(failures(record, 18s, 25s), 0U);
  EXPECT_EQ(failures(record, 29s, 60s), 0U);
}

TEST(HealthChecks, CanBePutOnTheRouteAndTakenOffWhileItRuns) {
  const RunRecord record =
      run_plan(planned(shop(R"([{ "id": "loss", "at": "15s", "pause": "web-1", "for": "40s" },
                       { "id": "on", "at": "25s", "policy": { "*→shop": { "health_check": {
                           "interval": "1s", "timeout": "300ms", "unhealthy": 2 } } } },
                       { "id": "off", "at": "40s", "policy": { "*→shop": { "health_check": null } } }])",
                            kRoundRobin),
                       1),
               {});
  EXPECT_GT(failures(record, 17s, 25s), 200U);
  EXPECT_EQ(failures(record, 29s, 40s), 0U);
  EXPECT_GT(failures(record, 43s, 54s), 300U);
}

// An instance that fails what it is asked passes its checks all the same: Envoy takes it back with
// the next check, long before its ejection is over.
TEST(HealthChecks, EndTheEjectionOfAnEndpointThatGoesOnPassingThem) {
  const std::string outlier =
      R"("outlier": { "consecutive_errors": 3, "eject_for": "300s", "max_ejected": "50%" }, )";
  const std::string broken =
      R"([{ "id": "bad", "at": "12s", "partition": ["web-1"], "for": "700ms" }])";
  const RunRecord record =
      run_plan(planned(shop(broken, outlier + std::string{kCheck} + ", " + kRoundRobin), 1), {});
  std::map<std::uint32_t, std::size_t> picks;
  for (const OperationRecord& request : record.services.at(0).requests) {
    if (request.invoked_at > TrueInstant{18s} && request.picked != kNobody) {
      ++picks[request.picked.value()];
    }
  }
  EXPECT_EQ(picks.size(), 6U);
}

}  // namespace
}  // namespace windtunnel::chaos
