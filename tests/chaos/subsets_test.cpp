// Subsets by label in whole runs: the instances that a route's requests reach are those that
// Envoy's documentation on subsets says.
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using Names = std::set<std::string>;

/// The documentation's hosts and policy, and a route that asks for `match`.
ScenarioText documented(const std::string& match, const std::string& fallback = "default") {
  ScenarioText scenario;
  scenario.topology = R"({ "hosts": { "cp": {}, "host{1..4}": {}, "front": {} } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more =
      R"("services": { "shop": { "on": "host*", "workers": 8, "service_time": "1ms", "labels": {
           "v": { "1.0": "host1 | host2", "1.1": "host3", "1.2-pre": "host4" },
           "stage": { "prod": "host1 | host2", "canary": "host3", "dev": "host4" } } } },
         "policies": { "*→shop": { "subsets": {
           "selectors": [["v", "stage"], { "by": ["stage"], "fallback": "none" }],
           "fallback": ")" +
      fallback + R"(", "default": { "stage": "prod" }, "match": )" + match + "} } },";
  scenario.load = R"([{ "to": "shop", "from": "front", "rate": "50/s" }])";
  return scenario;
}

/// The instances that requests were sent to, between two instants.
Names reached(const RunRecord& record, Duration from = {}, Duration to = Duration::max()) {
  Names names;
  for (const OperationRecord& request : record.services[0].requests) {
    const Duration at = request.invoked_at.time_since_epoch();
    if (at >= from && at < to && request.picked != kNobody) {
      names.insert(record.host_names[request.picked.value()]);
    }
  }
  return names;
}

TEST(Subsets, ThroughTheProxyAreThoseOfEnvoysDocumentation) {
  const std::vector<std::pair<std::string, Names>> rows{
      {R"({ "stage": "canary" })", {"host3"}},
      {R"({ "v": "1.2-pre", "stage": "dev" })", {"host4"}},
      {R"({ "v": "1.0" })", {"host1", "host2"}},
      {R"({ "v": "1.0", "stage": "prod" })", {"host1", "host2"}},
      {R"({ "v": "1.0", "stage": "dev" })", {"host1", "host2"}},
      {"{}", {"host1", "host2"}},
      {R"({ "stage": "test" })", {}},
  };
  for (const auto& [match, hosts] : rows) {
    EXPECT_EQ(reached(run_plan(planned(documented(match)), {})), hosts) << match;
  }
}

TEST(Subsets, ThroughTheProxyFallBackAsConfigured) {
  const std::string unknown = R"({ "v": "9" })";
  EXPECT_EQ(reached(run_plan(planned(documented(unknown, "any")), {})),
            (Names{"host1", "host2", "host3", "host4"}));
  EXPECT_EQ(reached(run_plan(planned(documented(unknown, "none")), {})), Names{});
}

// Asked for in the middle of a run, learned from the registry, and found anew when its only
// instance comes back.
TEST(Subsets, FollowAChangeOfPolicyAndTheRegistry) {
  ScenarioText scenario = documented(R"({ "stage": "prod" })");
  scenario.control_plane =
      R"({ "on": "cp", "registry": { "heartbeat": "1s", "expire_after": 3 } })";
  scenario.timeline =
      R"([{ "at": "15s", "policy": { "*→shop": { "subsets": { "match": { "stage": "canary" } } } } },
          { "at": "25s", "host_loss": "host3", "restart_after": "20s" }])";
  const RunRecord record = run_plan(planned(scenario), {});
  using std::chrono::seconds;
  EXPECT_EQ(reached(record, seconds{5}, seconds{15}), (Names{"host1", "host2"}));
  EXPECT_EQ(reached(record, seconds{17}, seconds{25}), Names{"host3"});
  EXPECT_EQ(reached(record, seconds{32}, seconds{45}), Names{})
      << "its selector falls back to none";
  EXPECT_EQ(reached(record, seconds{48}, seconds{60}), Names{"host3"});
}

}  // namespace
}  // namespace windtunnel::chaos
