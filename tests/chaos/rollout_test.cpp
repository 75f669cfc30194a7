// Rollouts in whole runs: proxies, splits on their way, reports, controllers, measures.
#include <algorithm>
#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// Two versions on three instances each, and a rollout at 5 %, 20 % and 50 % from the tenth second.
ScenarioText shop(const std::string& errors, const std::string& rate = "400/s",
                  const std::string& analysis = "{}") {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..6}": { "spread": ["a", "b", "c"] },
                 "client-{1,2}": { "zone": "a" } } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 4, "service_time": { "exponential": "2ms" },
           "versions": { "1": { "errors": "0.1%" }, "2": { "on": "web-{4..6}", "errors": ")" +
      errors + R"(" } } } },)";
  scenario.load = R"([{ "to": "shop", "from": "client-*", "rate": ")" + rate + R"(" }])";
  scenario.timeline =
      R"([{ "id": "out", "at": "10s", "canary": { "of": "shop", "version": "2", "analysis": )" +
      analysis +
      R"(, "steps": ["5%", { "pause": "12s" }, "20%", { "pause": "12s" }, "50%", { "pause": "12s" }] } }])";
  return scenario;
}

void add_fault(ScenarioText& scenario, const std::string& fault) {
  scenario.timeline.pop_back();
  scenario.timeline += ", " + fault + "]";
}

RunRecord run(const ScenarioText& scenario, std::uint64_t seed = 1) {
  return run_plan(planned(scenario, seed), {});
}

Amount measure(const RunRecord& record, std::string_view name) {
  const Measures measures{record, {}};
  const MeasureValue value = measures.after(name, *measures.find_fault("out"));
  return value.amount() == nullptr ? Amount{Count{99}} : *value.amount();
}

bool is_promoted(const RunRecord& record) {
  return measure(record, "rollout.promoted") == Amount{Count{1}};
}
bool is_aborted(const RunRecord& record) {
  return measure(record, "rollout.aborted") == Amount{Count{1}};
}
bool is_paused(const RunRecord& record) {
  return measure(record, "rollout.paused") == Amount{Count{1}};
}

/// The share that version 2 had of the requests in a stretch of the run, in standard deviations
/// from what it should have been.
double deviation(const RunRecord& record, Duration from, Duration to, double share) {
  double all = 0;
  double exposed = 0;
  for (const OperationRecord& request : record.services[0].requests) {
    if (request.invoked_at >= TrueInstant{from} && request.invoked_at < TrueInstant{to}) {
      ++all;
      exposed += request.version == 2 ? 1 : 0;
    }
  }
  return (exposed - all * share) / std::sqrt(all * share * (1 - share));
}

TEST(Rollout, GivesTheNewVersionItsShareAtEveryStepAndThenEverything) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const RunRecord record = run(shop("0.1%"), seed);
    ASSERT_TRUE(is_promoted(record)) << "seed " << seed;
    // A second after each step, when every proxy has followed.
    EXPECT_LT(std::abs(deviation(record, 12s, 22s, 0.05)), 4) << "seed " << seed;
    EXPECT_LT(std::abs(deviation(record, 24s, 34s, 0.20)), 4) << "seed " << seed;
    EXPECT_LT(std::abs(deviation(record, 36s, 46s, 0.50)), 4) << "seed " << seed;
    for (const OperationRecord& request : record.services[0].requests) {
      if (request.invoked_at < TrueInstant{10s}) {
        EXPECT_EQ(request.version, 1U);
      } else if (request.invoked_at > TrueInstant{48s}) {
        EXPECT_EQ(request.version, 2U);
      }
    }
  }
}

TEST(Rollout, AbortsABadVersionAndTakesEveryRequestAwayFromIt) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunRecord record = run(shop("5%"), seed);
    ASSERT_TRUE(is_aborted(record)) << "seed " << seed;
    const auto took = std::get<Duration>(measure(record, "rollout.duration"));
    EXPECT_LT(took, 25s) << "seed " << seed;
    const TrueInstant known = TrueInstant{10s} + took + 1s;
    std::uint64_t exposed = 0;
    for (const OperationRecord& request : record.services[0].requests) {
      exposed += request.version == 2 ? 1U : 0U;
      EXPECT_TRUE(request.invoked_at < known || request.version == 1) << "seed " << seed;
    }
    EXPECT_EQ(measure(record, "rollout.exposed_requests"), Amount{Count{exposed}});
    EXPECT_LT(exposed, 1000U) << "seed " << seed;
  }
}

TEST(Rollout, EndsAsItShouldThoughTheLeaderIsLostAtAnyTime) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const bool is_bad : {false, true}) {
      ScenarioText scenario = shop(is_bad ? "5%" : "0.1%");
      add_fault(
          scenario,
          R"({ "at": { "between": ["9900ms", "40s"] }, "host_loss": "leader", "restart_after": "5s" })");
      const RunRecord record = run(scenario, seed);
      EXPECT_EQ(is_promoted(record), !is_bad) << "seed " << seed;
      EXPECT_EQ(is_aborted(record), is_bad) << "seed " << seed;
    }
  }
}

// Both versions fail while the clients' links do. A test against the other version sees no
// difference; a fixed bound is missed.
TEST(Rollout, IsNotAbortedByAFaultThatHitsBothVersionsUnlessTheBoundIsFixed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const bool is_fixed : {false, true}) {
      ScenarioText scenario = shop(
          "0.1%", "400/s",
          is_fixed ? R"({ "kind": "threshold", "interval": "5s" })" : R"({ "p99_rise": null })");
      scenario.more += R"("policies": { "*→shop": { "timeout": "100ms", "deadline": "200ms" } },)";
      add_fault(
          scenario,
          R"({ "at": "25s", "for": "6s", "loss": "5%", "between": ["client-*", "service:shop"] })");
      const RunRecord record = run(scenario, seed);
      EXPECT_EQ(is_aborted(record), is_fixed) << "seed " << seed;
      EXPECT_EQ(is_promoted(record), !is_fixed) << "seed " << seed;
    }
  }
}

TEST(Rollout, IsLeftToAHumanWhereTooFewAsk) {
  const RunRecord record = run(shop("5%", "20/s"));
  EXPECT_TRUE(is_paused(record));
}

TEST(Rollout, IsLeftToAHumanWhereTheNewVersionIsSlower) {
  ScenarioText scenario = shop("0.1%");
  scenario.more.replace(scenario.more.find("\"on\": \"web-{4..6}\""), 0,
                        R"("service_time": { "exponential": "4ms" }, )");
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_TRUE(is_paused(run(scenario, seed))) << "seed " << seed;
  }
}

TEST(Rollout, SaysThatItHasNotEndedWhereTheRunEndsFirst) {
  ScenarioText scenario = shop("0.1%");
  scenario.timeline.replace(scenario.timeline.find("12s"), 3, "90s");
  const RunRecord record = run(scenario);
  const Measures measures{record, {}};
  const FaultMeasures& out = *measures.find_fault("out");
  EXPECT_TRUE(measures.after("rollout.duration", out).is_censored());
  EXPECT_EQ(measures.after("rollout.promoted", out).amount(), nullptr);
}

TEST(Rollout, IsPlannedAsItsPlanSays) {
  for (const char* const analysis :
       {"{}", R"({ "alpha": "1%", "p99_rise": null, "minimum": 7 })",
        R"({ "kind": "threshold", "interval": "5s", "success_ratio": "98.5%", "p99": "80ms",
             "failure_limit": 2, "inconclusive_limit": 1 })"}) {
    const Plan plan = planned(shop("0.1%", "400/s", analysis));
    EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan) << analysis;
  }
  EXPECT_NE(plan_text(planned(shop("0.1%"))).find("roll out version 2 of shop: 5%, wait 12s"),
            std::string::npos);
}

/// The shop with hedges, and one of the new version's three instances that hangs.
ScenarioText shop_with_hidden_hang(const std::string& after) {
  ScenarioText scenario = shop("0.1%");
  scenario.more +=
      R"("policies": { "*→shop": { "timeout": "1s", "hedge": { "after": ")" + after + R"(" } } },)";
  add_fault(scenario, R"({ "id": "hang", "at": "11s", "pause": "web-5", "for": "100s" })");
  return scenario;
}

// No request fails, and none takes long: another instance answers the second copy.
TEST(Rollout, SeesACanaryThatHangsBehindHedges) {
  for (const std::string after : {"50ms", "p95"}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const RunRecord record = run(shop_with_hidden_hang(after), seed);
      EXPECT_TRUE(is_paused(record) || is_aborted(record)) << after << ", seed " << seed;
    }
  }
}

TEST(Rollout, PromotesAGoodCanaryWhoseRequestsAreHedged) {
  for (const std::string after : {"5ms", "p95"}) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      ScenarioText scenario = shop("0.1%");
      scenario.more += R"("policies": { "*→shop": { "hedge": { "after": ")" + after + R"(" } } },)";
      EXPECT_TRUE(is_promoted(run(scenario, seed))) << after << ", seed " << seed;
    }
  }
}

}  // namespace
}  // namespace windtunnel::chaos
