// Weights of localities in whole runs: where requests of a proxy go is what Envoy's arithmetic says
// of its zones, as their instances fall ill and are well again.
#include <algorithm>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

struct Zones {
  double a = 0;
  double b = 0;
  double c = 0;
};

/// Eighteen instances, six in each zone, of which four in zone a and two in b are lost at 20 s and
/// found out by health checks. Weights 3, 2 and 1.
ScenarioText shop(const std::string& balance) {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp": { "zone": "a" }, "web-a-{1..6}": { "zone": "a" }, "web-b-{1..6}": { "zone": "b" },
                 "web-c-{1..6}": { "zone": "c" }, "front": { "zone": "b" } } })";
  scenario.control_plane = R"({ "on": "cp" })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 64, "service_time": "1ms" } },
         "policies": { "*→shop": { "balance": { "kind": ")" +
      balance + R"(", "panic_percent": 0 },
             "locality": { "kind": "weighted", "weights": { "a": 3, "b": 2, "c": 1 } },
             "health_check": { "interval": "500ms", "timeout": "200ms", "unhealthy": 2, "healthy": 1 } } },)";
  scenario.load = R"([{ "to": "shop", "from": "front", "rate": "500/s" }])";
  scenario.timeline =
      R"([{ "id": "gone", "at": "20s", "host_loss": "web-a-{1..4} | web-b-{1..2}", "restart_after": "20s" }])";
  return scenario;
}

/// First attempts by zone between two instants.
Zones picks(const RunRecord& record, Duration from, Duration to) {
  std::map<std::string, double> counts;
  for (const OperationRecord& request : record.services[0].requests) {
    const Duration at = request.invoked_at.time_since_epoch();
    if (at >= from && at < to && request.picked != kNobody) {
      ++counts[record.host_names[request.picked.value()].substr(4, 1)];
    }
  }
  return {counts["a"], counts["b"], counts["c"]};
}

/// Pearson's statistic of the counts against the shares; two degrees of freedom.
double chi_square(const Zones& found, const Zones& shares) {
  const double all = found.a + found.b + found.c;
  const double whole = shares.a + shares.b + shares.c;
  const auto term = [&](double count, double share) {
    const double expected = all * share / whole;
    return (count - expected) * (count - expected) / expected;
  };
  return term(found.a, shares.a) + term(found.b, shares.b) + term(found.c, shares.c);
}

constexpr double kOneInTenThousand = 18.42;

TEST(LocalityWeights, ThroughTheProxyGiveZonesTheirWeightsTimesWhatIsWellOfThem) {
  for (const std::string balance : {"random", "least_request", "maglev", "nginx_round_robin"}) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const RunRecord record = run_plan(planned(shop(balance), seed), {});
      const Zones before = picks(record, 5s, 20s);
      const Zones during = picks(record, 25s, 40s);
      const Zones after = picks(record, 45s, 60s);
      const std::string where = balance + ", seed " + std::to_string(seed);
      EXPECT_GT(before.a + before.b + before.c, 7000) << where;
      EXPECT_LT(chi_square(before, {3, 2, 1}), kOneInTenThousand) << where;
      // Two of six with 140 %: 3 * 0.4667; four of six: 2 * 0.9333.
      EXPECT_LT(chi_square(during, {1.4, 2 * 1.4 * 4 / 6, 1}), kOneInTenThousand) << where;
      EXPECT_GT(chi_square(during, {3, 2, 1}), 100) << where;
      EXPECT_LT(chi_square(after, {3, 2, 1}), kOneInTenThousand) << where;
    }
  }
}

// The zone of the proxy is no argument, and no weight is no request.
TEST(LocalityWeights, SendNothingWhereThereIsNoWeight) {
  ScenarioText scenario = shop("least_request");
  scenario.timeline =
      R"([{ "at": "20s", "policy": { "*→shop": { "locality": { "weights": { "a": 1, "c": 3 } } } } }])";
  const RunRecord record = run_plan(planned(scenario), {});
  const Zones later = picks(record, 22s, 60s);
  EXPECT_EQ(later.b, 0);
  EXPECT_NEAR(later.c / later.a, 3, 0.15);
}

}  // namespace
}  // namespace windtunnel::chaos
