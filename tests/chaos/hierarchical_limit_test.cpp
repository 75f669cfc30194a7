// A limit in levels in whole runs: what comes through a proxy is what the levels let through.
#include <string>

#include <gtest/gtest.h>

#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

/// One caller of three idle instances under a hierarchical limit of these levels.
ScenarioText shop(const std::string& levels, const std::string& load) {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp": {}, "web-{1..3}": {}, "front": {} } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 64, "service_time": "1ms" } },
         "policies": { "*→shop": { "hierarchical_limit": { "levels": )" +
      levels + "} } },";
  scenario.load = R"([{ "to": "shop", "from": "front", )" + load + " }]";
  return scenario;
}

std::vector<TrueInstant> served_at(const ScenarioText& scenario, std::uint64_t seed) {
  const RunRecord record = run_plan(planned(scenario, seed), {});
  std::vector<TrueInstant> served;
  for (const OperationRecord& request : record.services[0].requests) {
    if (request.outcome == OperationOutcome::ok) {
      served.push_back(request.invoked_at);
    }
  }
  return served;
}

constexpr double kSeconds = 60;

TEST(HierarchicalLimit, ThroughTheProxyServesWhatEachPriorityMayHave) {
  const std::string levels =
      R"([{ "by": "route", "rate": "1000/s", "burst": 10 }, { "by": "priority", "rate": "200/s", "burst": 10 }])";
  const std::string load = R"("rate": "1000/s", "priorities": [1, 9])";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    // All of the hundred a second that are urgent, and two hundred of the nine.
    EXPECT_NEAR(static_cast<double>(served_at(shop(levels, load), seed).size()), 300 * kSeconds,
                10 * kSeconds)
        << "seed " << seed;
  }
}

TEST(HierarchicalLimit, ThroughTheProxyServesWhatEachUserMayHave) {
  const std::string levels =
      R"([{ "by": "route", "rate": "1000/s", "burst": 10 }, { "by": "key", "rate": "20/s", "burst": 5 }])";
  const std::string load = R"("rate": "900/s", "keys": { "users": 10 })";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    EXPECT_NEAR(static_cast<double>(served_at(shop(levels, load), seed).size()),
                10 * (20 * kSeconds + 5), 30)
        << "seed " << seed;
  }
}

TEST(HierarchicalLimit, ThroughTheProxyKeepsTheTopLevelsBoundInEverySecond) {
  const std::string levels =
      R"([{ "by": "route", "rate": "300/s", "burst": 30 }, { "by": "key", "rate": "20/s", "burst": 5 }])";
  const std::string load = R"("rate": "2000/s", "keys": { "users": 500 })";
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    const std::vector<TrueInstant> served = served_at(shop(levels, load), seed);
    ASSERT_GT(served.size(), 330U);
    for (std::size_t i = 0; i + 330 < served.size(); ++i) {
      ASSERT_GT(served[i + 330] - served[i], 1s) << "seed " << seed;
    }
    EXPECT_NEAR(static_cast<double>(served.size()), 300 * kSeconds, 60) << "seed " << seed;
  }
}

}  // namespace
}  // namespace windtunnel::chaos
