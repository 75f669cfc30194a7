// Components of a policy in their short and their long forms, set and changed again.
#include <array>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

std::string policy_of(std::string_view component, std::string_view form) {
  return R"({ "*→shop": { ")" + std::string{component} + "\": " + std::string{form} + " } }";
}

/// A shop whose policy has the component in one form, and is given two others later.
ScenarioText shop(std::string_view component, const std::array<std::string_view, 3>& forms) {
  ScenarioText scenario;
  scenario.more =
      R"("services": { "shop": { "on": "client", "labels": { "v": { "2": "client" }, "stage": { "dev": "client" } } } }, "policies": )" +
      policy_of(component, forms[0]) + ",";
  scenario.timeline = R"([{ "at": "1s", "policy": )" + policy_of(component, forms[1]) +
                      R"( }, { "at": "2s", "policy": )" + policy_of(component, forms[2]) + " }]";
  return scenario;
}

/// How many of all sequences of three forms load; each of those must print a plan that loads to an
/// equal one.
template <std::size_t Size>
int count_sound(std::string_view component, const std::array<std::string_view, Size>& forms) {
  int sound = 0;
  for (std::size_t i = 0; i < Size * Size * Size; ++i) {
    const std::array<std::string_view, 3> three{forms[i % Size], forms[i / Size % Size],
                                                forms[i / Size / Size]};
    const ScenarioText scenario = shop(component, three);
    if (!load_scenario(parse_source(scenario.text(), "f")).scenario) {
      continue;
    }
    const Plan plan = planned(scenario);
    EXPECT_EQ(make_plan(loaded(plan_json(plan)), 1), plan) << scenario.more << scenario.timeline;
    ++sound;
  }
  return sound;
}

TEST(PolicyComponents, OfAdaptiveConcurrencyLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 9> kForms{
      R"("gradient2")",
      R"("vegas")",
      R"("aimd")",
      R"("envoy_gradient")",
      R"({ "window": "2s" })",
      R"({ "maximum": 300 })",
      R"({ "kind": "gradient2", "minimum": 7, "initial": 30 })",
      R"({ "kind": "aimd", "initial": 3 })",
      "null"};
  EXPECT_GT(count_sound("adaptive_concurrency", kForms), 500);
}

TEST(PolicyComponents, OfAThrottleLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 8> kForms{
      R"("sre")",
      R"("envoy_admission_control")",
      "{}",
      R"({ "window": "3s" })",
      R"({ "kind": "sre", "k": 1.1 })",
      R"({ "k": 2 })",
      R"({ "kind": "envoy_admission_control", "success_ratio": "80%" })",
      "null"};
  EXPECT_GT(count_sound("throttle", kForms), 300);
}

TEST(PolicyComponents, OfARateLimitLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 9> kForms{
      R"({ "rate": "9/s", "burst": 5 })",
      R"({ "rate": "60/m", "kind": "gcra", "burst": 7 })",
      R"({ "rate": "8/s", "kind": "pacing", "max_wait": "3s" })",
      R"({ "rate": "10/s", "kind": "warm_up", "warm_up": "4s", "cold_factor": 2 })",
      R"({ "rate": "90/m", "kind": "sliding_window" })",
      R"({ "rate": "7/s" })",
      R"({ "rate": "7/s", "kind": "pacing" })",
      R"({ "burst": 2 })",
      "null"};
  EXPECT_GT(count_sound("rate_limit", kForms), 400);
}

TEST(PolicyComponents, OfOtherKindsLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 4> kHedges{
      R"({ "after": "p90" })", R"({ "after": "9ms" })", R"({ "budget": "20%" })", "null"};
  EXPECT_EQ(count_sound("hedge", kHedges), 64);
  constexpr std::array<std::string_view, 5> kLocalities{
      R"("failover")", R"({ "overprovisioning_percent": 200 })",
      R"({ "kind": "weighted", "weights": { "c": 0, "a": 3, "b": 1 } })",
      R"({ "kind": "weighted", "weights": { "b": 2 } })", "null"};
  EXPECT_EQ(count_sound("locality", kLocalities), 125);
  constexpr std::array<std::string_view, 4> kBreakers{R"({ "error_count": 4 })",
                                                      R"({ "slow_ratio": "9%" })", "{}", "null"};
  EXPECT_EQ(count_sound("breaker", kBreakers), 64);
  constexpr std::array<std::string_view, 4> kBalances{R"("maglev")", R"({ "subset_size": 9 })",
                                                      R"({ "kind": "random", "slow_start": "1s" })",
                                                      R"({ "zone_aware": true })"};
  EXPECT_EQ(count_sound("balance", kBalances), 64);
}

TEST(PolicyComponents, OfLimitsAtTheCallerLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 4> kBulkheads{
      R"({ "concurrency": 5 })", R"({ "concurrency": 9, "queue": 0, "max_wait": "3s" })",
      R"({ "concurrency": 6, "queue": 7 })", "null"};
  EXPECT_EQ(count_sound("bulkhead", kBulkheads), 64);
  constexpr std::array<std::string_view, 3> kAdmissions{"{}", R"({ "keep": "3s", "others": 2 })",
                                                        "null"};
  EXPECT_EQ(count_sound("admission", kAdmissions), 27);
}

TEST(PolicyComponents, OfLimitsInLevelsLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 4> kLimits{
      R"({ "levels": [{ "by": "route", "rate": "9/s" }] })",
      R"({ "levels": [{ "by": "key", "rate": "60/m", "burst": 4, "buckets": 7 }, { "by": "priority", "rate": "8/s" }] })",
      R"({ "levels": [{ "by": "priority", "rate": "1/h", "burst": 2 }] })", "null"};
  EXPECT_EQ(count_sound("hierarchical_limit", kLimits), 64);
}

TEST(PolicyComponents, OfSubsetsLoadAsTheirPlanPrintsThem) {
  constexpr std::array<std::string_view, 5> kSubsets{
      R"({ "selectors": [["stage"], { "by": ["v", "stage"], "fallback": "none" }] })",
      R"({ "selectors": [["v"]], "fallback": "default", "default": { "v": "2", "stage": "dev" } })",
      R"({ "selectors": [["v"]], "fallback": "any", "match": { "v": "7" } })",
      R"({ "match": { "v": "2", "stage": "prod" } })", "null"};
  EXPECT_GT(count_sound("subsets", kSubsets), 60);
}

TEST(PolicyComponents, AreTheProductsOwnWhereOnlyTheirKindIsNamed) {
  const Plan plan = planned(shop(
      "throttle", {R"({ "k": 1.5, "window": "3s" })", R"("envoy_admission_control")", R"("sre")"}));
  EXPECT_EQ(plan.policies[0].throttle->k, 1.5);
  const auto throttle_at = [&](std::size_t entry) {
    return std::get<PolicyChange>(plan.timeline[entry].fault).policies[0].throttle;
  };
  EXPECT_EQ(throttle_at(0),
            (proxy::ThrottleSettings{.kind = proxy::ThrottleKind::envoy_admission_control}));
  EXPECT_EQ(throttle_at(1), proxy::ThrottleSettings{});
}

}  // namespace
}  // namespace windtunnel::chaos
