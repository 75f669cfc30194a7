#include "chaos/run/requests_of_plan.hpp"

#include <numeric>
#include <string>

#include <gtest/gtest.h>

#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// A shop that works for `work` on each request, under `policies`, and a till.
ScenarioText shop(const std::string& policies, const std::string& work = "1ms") {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp": {}, "web-{1..2}": {}, "client": {} } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more = R"("services": { "shop": { "on": "web-1", "workers": 99, "service_time": ")" +
                  work + R"(" }, "till": { "on": "web-2" } }, "policies": )" + policies + ",";
  scenario.load = R"([{ "to": "shop", "from": "client", "rate": "10/s" }])";
  return scenario;
}

TEST(RequestsOfPlan, AreWaitedForAsLongAsTheLongestDeadlineOfAnyPolicy) {
  ScenarioText scenario =
      shop(R"({ "*→shop": { "deadline": "5s" }, "till→shop": { "deadline": "7s" } })");
  EXPECT_EQ(patience_with(planned(scenario), "shop"), 7s);
  EXPECT_EQ(patience_with(planned(scenario), "till"), proxy::RoutePolicy{}.deadline);

  scenario.timeline = R"([{ "at": "1s", "policy": { "*→shop": { "deadline": "9s" } } }])";
  EXPECT_EQ(patience_with(planned(scenario), "shop"), 9s);
  EXPECT_EQ(patience_with(planned(scenario), "till"), proxy::RoutePolicy{}.deadline);
}

// Requests of 4 s succeed once the timeline has made room for them, and none of them is bad.
TEST(RequestsOfPlan, AreNotBadForBeingAsSlowAsALaterPolicyAllows) {
  ScenarioText scenario = shop("{}", "4s");
  scenario.timeline =
      R"([{ "id": "wait", "at": "5s", "policy": { "*→shop": { "timeout": "6s", "deadline": "6s" } } },
          { "id": "later", "at": "20s", "policy": { "*→till": { "deadline": "3s" } } }])";
  const RunRecord record = run_plan(planned(scenario), {});
  const Measures measures{record, {}};
  EXPECT_EQ(measures.after("shop.outage", *measures.find_fault("later")).amount()[0],
            Amount{Duration::zero()});
}

TEST(RequestsOfPlan, HaveRoomForWhatASteadyRateMakes) {
  ScenarioText scenario = shop("{}");
  scenario.load = R"([{ "to": "shop", "from": "client", "rate": "1000/s" },
                      { "to": "shop", "from": "client", "rate": "6000/m" },
                      { "to": "till", "from": "client", "users": 5 }])";
  const std::vector<std::size_t> rooms = requests_to_reserve(planned(scenario));
  ASSERT_EQ(rooms.size(), 2U);
  EXPECT_GE(rooms[0], 66'000U);
  EXPECT_LE(rooms[0], 68'000U);
  EXPECT_EQ(rooms[1], 0U);
}

TEST(RequestsOfPlan, HaveRoomForWhatAChangingRateMakes) {
  ScenarioText scenario = shop("{}");
  // A minute: 10 s of 100/s, 20 s between that and 300/s, then 30 s of 300/s.
  scenario.load = R"([{ "to": "shop", "from": "client",
                        "rate": [{ "at": "0s", "rate": "100/s" },
                                 { "at": "10s", "rate": "100/s", "then": "ramp" },
                                 { "at": "30s", "rate": "300/s" }] },
                      { "to": "till", "from": "client",
                        "arrivals": { "bursty": { "on": "50/s", "off": "1/s", "mean_on": "1s", "mean_off": "9s" } } }])";
  const Plan plan = planned(scenario);
  ASSERT_EQ(plan.duration, 60s);
  const std::vector<std::size_t> rooms = requests_to_reserve(plan);
  EXPECT_GE(rooms[0], 16'000U);
  EXPECT_LE(rooms[0], 17'000U);
  EXPECT_GE(rooms[1], 3000U);
  EXPECT_LE(rooms[1], 3100U);
}

TEST(RequestsOfPlan, AreOfTheVersionsThatTheServiceHas) {
  PlannedService service;
  EXPECT_EQ(versions_of(service), (std::vector<std::uint32_t>{0, 1}));
  service.versions = {{2, {}, {}, {}}, {4'000'000'000, {}, {}, {}}};
  EXPECT_EQ(versions_of(service), (std::vector<std::uint32_t>{0, 1, 2, 4'000'000'000}));
}

TEST(RequestsOfPlan, NeverHaveMoreRoomThanTheBound) {
  for (const std::string rate : {"100000/s", "1000000000/s"}) {
    ScenarioText scenario = shop("{}");
    scenario.load = R"([{ "to": "till", "from": "client", "rate": ")" + rate +
                    R"(" }, { "to": "shop", "from": "client", "rate": "100/s" }])";
    Plan plan = planned(scenario);
    for (const Duration length : {Duration{24h}, Duration{1000h}}) {
      plan.duration = length;
      const std::vector<std::size_t> rooms = requests_to_reserve(plan);
      EXPECT_EQ(std::accumulate(rooms.begin(), rooms.end(), std::size_t{0}), kRequestsReservedMax)
          << rate;
    }
  }
}

}  // namespace
}  // namespace windtunnel::chaos
