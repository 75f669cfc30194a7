// Splits that are changed while the run goes on, without a rollout.
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// Two versions on three instances each, all to the first; three parts in ten to the second from
/// the twentieth second, and everything from the fortieth.
ScenarioText shop() {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..6}": { "spread": ["a", "b", "c"] },
                 "client-{1,2}": { "zone": "a" } } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": { "exponential": "2ms" },
           "versions": { "2": { "on": "web-{4..6}" } } } },)";
  scenario.load = R"([{ "to": "shop", "from": "client-*", "rate": "400/s" }])";
  scenario.timeline = R"([{ "at": "20s", "split": { "shop": { "1": "70%", "2": "30%" } } },
       { "id": "all", "at": "40s", "split": { "shop": { "2": "100%" } } }])";
  return scenario;
}

/// Of the requests of a time that were served, those that version 2 served.
double share_of_second(const RunRecord& record, Duration from, Duration until) {
  double all = 0;
  double second = 0;
  for (const OperationRecord& request : record.services[0].requests) {
    if (request.invoked_at >= TrueInstant{from} && request.invoked_at < TrueInstant{until} &&
        request.version != 0) {
      ++all;
      second += request.version == 2 ? 1 : 0;
    }
  }
  return second / all;
}

TEST(SplitChange, MovesRequestsAtItsTimes) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunRecord record = run_plan(planned(shop(), seed), {});
    EXPECT_EQ(share_of_second(record, 0s, 20s), 0) << "seed " << seed;
    EXPECT_NEAR(share_of_second(record, 21s, 40s), 0.3, 0.025) << "seed " << seed;
    EXPECT_EQ(share_of_second(record, 41s, 60s), 1) << "seed " << seed;
    const Measures measures{record, {}};
    for (const char* const id : {"split", "all"}) {
      const MeasureValue whole = measures.after("policy.convergence.max", *measures.find_fault(id));
      ASSERT_NE(whole.amount(), nullptr) << to_text(whole);
      EXPECT_LT(std::get<Duration>(*whole.amount()), 1s) << "seed " << seed;
    }
  }
}

TEST(SplitChange, ComesThroughTheStoreThoughTheLeaderIsLost) {
  ScenarioText scenario = shop();
  scenario.timeline.pop_back();
  scenario.timeline +=
      R"(, { "id": "loss", "at": "39990ms", "crash": "leader", "restart_after": "5s" }])";
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord record = run_plan(planned(scenario, seed), {});
    EXPECT_EQ(share_of_second(record, 50s, 60s), 1) << "seed " << seed;
  }
}

TEST(SplitChange, LoadsAsItsPlanPrintsIt) {
  const Plan plan = planned(shop());
  EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan);
  const std::string text = plan_text(plan);
  EXPECT_NE(text.find("split shop to 70% of version 1, 30% of version 2"), std::string::npos)
      << text;
}

}  // namespace
}  // namespace windtunnel::chaos
