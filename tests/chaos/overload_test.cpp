// What hedging, adaptive concurrency and throttling do in whole runs, over seeds.
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// Three instances that serve 600 requests a second together, among them those that nobody waits
/// for any more; and a policy.
ScenarioText shop(const std::string& policy, const std::string& rate) {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..3}": { "spread": ["a", "b", "c"] },
                 "front-{1..3}": { "zone": "a" } } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": { "exponential": "20ms" }, "drops_expired": false } },
         "policies": { "*→shop": { "timeout": "500ms", "cancel": false)" +
      policy + R"( } },)";
  scenario.load = R"([{ "to": "shop", "from": "front-*", "rate": ")" + rate + R"(" }])";
  return scenario;
}

double ratio(const RunRecord& record, std::string_view measure) {
  return std::get<Ratio>(*Measures{record, {}}.over_run(measure).amount()).value;
}

Duration p99(const RunRecord& record) {
  return std::get<Duration>(*Measures{record, {}}.over_run("shop.latency.p99").amount());
}

double goodput_with(const std::string& kind, std::uint64_t seed) {
  const std::string policy = R"(, "adaptive_concurrency": ")" + kind + "\"";
  return ratio(run_plan(planned(shop(policy, "1200/s"), seed), {}), "shop.availability");
}

TEST(Overload, LeavesGoodputAtCapacityWhereALimitFollowsLatency) {
  for (const std::string kind : {"gradient2", "vegas", "envoy_gradient"}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      EXPECT_GT(goodput_with(kind, seed), 0.42) << kind << ", seed " << seed;
      EXPECT_LE(goodput_with(kind, seed), 0.52) << kind << ", seed " << seed;
    }
  }
}

// It grows until attempts time out: the queue is as long as callers are patient.
TEST(Overload, CostsMoreWhereALimitFollowsDropsAlone) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_GT(goodput_with("aimd", seed), 0.25) << "seed " << seed;
    EXPECT_LT(goodput_with("aimd", seed), 0.38) << "seed " << seed;
  }
}

TEST(Overload, LowersGoodputWhereNothingHoldsItOff) {
  const RunRecord record = run_plan(planned(shop("", "1200/s")), {});
  EXPECT_LT(ratio(record, "shop.availability"), 0.1);
}

TEST(Overload, IsTurnedDownByCallersThatThrottle) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const RunRecord record = run_plan(
        planned(shop(R"(, "throttle": { "k": 1.1, "window": "10s" })", "1200/s"), seed), {});
    EXPECT_GT(ratio(record, "shop.availability"), 0.38) << "seed " << seed;
    EXPECT_LT(ratio(record, "shop.attempts"), 0.65) << "seed " << seed;
  }
}

TEST(Hedging, LowersTheTailForFiveHundredthsMoreRequests) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord plain = run_plan(planned(shop("", "150/s"), seed), {});
    const RunRecord hedged =
        run_plan(planned(shop(R"(, "hedge": { "after": "p95" })", "150/s"), seed), {});
    // The p99 of an exponential is 4.6 means; of one hedged at its p95 (3 means) some 3.7.
    EXPECT_LT(p99(hedged), p99(plain) * 9 / 10) << "seed " << seed;
    EXPECT_LE(ratio(hedged, "shop.attempts"), 1.06) << "seed " << seed;
    EXPECT_GE(ratio(hedged, "shop.attempts"), 1.03) << "seed " << seed;
  }
}

TEST(Hedging, IsTheSameRunForTheSameSeed) {
  const ScenarioText scenario = shop(R"(, "hedge": { "after": "20ms", "attempts": 3 })", "300/s");
  EXPECT_EQ(run_plan(planned(scenario, 4), {}).digest, run_plan(planned(scenario, 4), {}).digest);
}

}  // namespace
}  // namespace windtunnel::chaos
