// What limits at the caller do in whole runs, over seeds: kinds of rate limits, bulkheads, and
// levels that callers keep to.
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// One caller of three instances, each with `service` besides a name; under a policy.
ScenarioText shop(const std::string& service, const std::string& policy, const std::string& load) {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..3}": { "spread": ["a", "b", "c"] },
                 "front": { "zone": "a" } } })";
  scenario.more = R"("services": { "shop": { "on": "web-*", )" + service +
                  R"( } }, "policies": { "*→shop": { "timeout": "1s", "deadline": "2s")" + policy +
                  "} },";
  scenario.load = R"([{ "to": "shop", "from": "front", )" + load + " }]";
  return scenario;
}

struct Figures {
  double availability = 0;
  double attempts = 0;
  Duration p99{};
};

Figures figures_of(const ScenarioText& scenario, std::uint64_t seed) {
  const RunRecord record = run_plan(planned(scenario, seed), {});
  const Measures measures{record, {}};
  const auto ratio = [&](std::string_view measure) {
    return std::get<Ratio>(*measures.over_run(measure).amount()).value;
  };
  return {ratio("shop.availability"), ratio("shop.attempts"),
          std::get<Duration>(*measures.over_run("shop.latency.p99").amount())};
}

constexpr const char* kSteady = R"("workers": 4, "service_time": { "exponential": "5ms" })";
/// 160 a second on average, in bursts of 600.
constexpr const char* kBursts =
    R"("arrivals": { "bursty": { "on": "600/s", "off": "20/s", "mean_on": "100ms", "mean_off": "300ms" } })";

TEST(Pacing, LetsBurstsThroughThatABucketTurnsAway) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Figures bucket =
        figures_of(shop(kSteady, R"(, "rate_limit": { "rate": "250/s" })", kBursts), seed);
    const Figures paced = figures_of(
        shop(kSteady, R"(, "rate_limit": { "rate": "250/s", "kind": "pacing" })", kBursts), seed);
    EXPECT_LT(bucket.availability, 0.65) << "seed " << seed;
    EXPECT_GT(paced.availability, 0.9) << "seed " << seed;
    EXPECT_LT(paced.p99, 550ms) << "seed " << seed;  // The wait is the price.
  }
}

TEST(Bulkhead, LetsBurstsThroughThatAPlainLimitTurnsAway) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Figures refusing = figures_of(shop(kSteady, R"(, "concurrency": 2)", kBursts), seed);
    const Figures waiting = figures_of(
        shop(kSteady, R"(, "bulkhead": { "concurrency": 2, "max_wait": "500ms" })", kBursts), seed);
    EXPECT_LT(refusing.availability, 0.75) << "seed " << seed;
    EXPECT_GT(waiting.availability, 0.95) << "seed " << seed;
    EXPECT_LT(waiting.p99, 550ms) << "seed " << seed;
  }
}

// Instances that are cold for ten seconds, and do a quarter of their work at first.
TEST(WarmUp, SparesAServiceThatIsColdTheQueueThatABucketFills) {
  const std::string cold =
      R"("workers": 4, "service_time": { "exponential": "20ms" }, "queue": 100000,
         "warm_up": { "lasts": "10s", "slowdown": 4 })";
  const std::string load = R"("rate": "450/s")";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Figures bucket =
        figures_of(shop(cold, R"(, "rate_limit": { "rate": "500/s", "burst": 20 })", load), seed);
    const Figures warmed = figures_of(
        shop(cold, R"(, "rate_limit": { "rate": "500/s", "kind": "warm_up", "cold_factor": 4 })",
             load),
        seed);
    EXPECT_LT(warmed.p99 * 2, bucket.p99) << "seed " << seed;
    EXPECT_GT(warmed.availability, bucket.availability - 0.06) << "seed " << seed;  // The price.
  }
}

// Of twice what it can do: hardly a request is sent to be refused, and as many are served.
TEST(Admission, AtTheCallerSparesTheServiceWhatItWouldRefuse) {
  const std::string guarded =
      R"("workers": 4, "service_time": { "exponential": "20ms" }, "queue": 100,
         "admission": { "window": "100ms", "decrease": "10%", "increase": "5%", "business_levels": 3 })";
  const std::string load = R"("rate": "1200/s", "priorities": [1, 2, 7], "keys": { "users": 500 })";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const Figures sent = figures_of(shop(guarded, "", load), seed);
    const Figures kept = figures_of(shop(guarded, R"(, "admission": {})", load), seed);
    EXPECT_GT(sent.attempts, 0.999) << "seed " << seed;
    EXPECT_GE(kept.availability, sent.availability - 0.005) << "seed " << seed;
    EXPECT_LT(kept.attempts - kept.availability, 0.05) << "seed " << seed;
    EXPECT_GT(sent.attempts - sent.availability, 0.45) << "seed " << seed;
  }
}

TEST(Limits, AreTheSameRunForTheSameSeed) {
  const ScenarioText scenario = shop(
      kSteady,
      R"(, "bulkhead": { "concurrency": 3 }, "admission": {}, "rate_limit": { "rate": "300/s", "kind": "pacing" })",
      kBursts);
  EXPECT_EQ(run_plan(planned(scenario, 4), {}).digest, run_plan(planned(scenario, 4), {}).digest);
}

}  // namespace
}  // namespace windtunnel::chaos
