// Global quotas in whole runs: what all proxies let through together, while the control plane that
// lends to them is lost, paused, deposed and cut off.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/run/runner.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

constexpr int kProxies = 10;
constexpr int kCapacity = 300;  // A second; the load is three times that.
constexpr Duration kLease = 10s;

ScenarioText shop(const std::string& timeline,
                  const std::string& quota = R"("when_unreachable": "closed")") {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..3}": { "spread": ["a", "b", "c"] },
                 "front-{0..9}": { "zone": "a" } } })";
  // A deposed leader does not find out by itself: the quota must not depend on that.
  scenario.control_plane = R"({ "on": "cp-*", "raft": { "check_quorum": false } })";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 8, "service_time": { "exponential": "2ms" } } },
         "policies": { "*→shop": { "timeout": "200ms", "quota": { "rate": "300/s", )" +
      quota + R"( } } },)";
  scenario.load = R"([{ "to": "shop", "from": "front-*", "rate": "900/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

/// When requests were let through, ascending.
std::vector<TrueInstant> let_through(const ScenarioText& scenario, std::uint64_t seed) {
  const RunRecord record = run_plan(planned(scenario, seed), {});
  std::vector<TrueInstant> instants;
  for (const OperationRecord& request : record.services.at(0).requests) {
    if (request.attempts > 0) {
      instants.push_back(request.invoked_at);
    }
  }
  return instants;
}

/// The most in any half second.
std::size_t most_in_half_a_second(const std::vector<TrueInstant>& instants) {
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < instants.size(); ++last) {
    while (instants[last] - instants[first] >= 500ms) {
      ++first;
    }
    most = std::max(most, last - first + 1);
  }
  return most;
}

double per_second(const std::vector<TrueInstant>& instants, Duration from, Duration until) {
  const auto count = std::count_if(instants.begin(), instants.end(), [&](TrueInstant at) {
    return at >= TrueInstant{from} && at < TrueInstant{until};
  });
  return static_cast<double>(count) * 1e9 / static_cast<double>((until - from).count());
}

/// Half a second's worth, the bursts of a tenth of a second's worth, and one request for each
/// bucket that holds less than one.
constexpr std::size_t kMostInHalfASecond = kCapacity / 2 + kCapacity / 10 + kProxies;

struct Trouble {
  const char* name;
  const char* timeline;
};

// Every one of them is over by 25 s.
constexpr Trouble kTroubles[] = {
    {"a lost leader",
     R"([{ "id": "x", "at": { "between": ["14s", "17s"] }, "crash": "leader", "restart_after": "5s" }])"},
    {"a paused leader",
     R"([{ "id": "x", "at": { "between": ["14s", "17s"] }, "pause": "leader", "for": "6s" }])"},
    {"a leader cut off with half of the proxies",
     R"([{ "id": "x", "at": { "between": ["12s", "14s"] }, "for": "12s",
           "partition": ["leader | front-{0..4}", "!leader & !front-{0..4}"] }])"},
    {"lost proxies",
     R"([{ "id": "x", "at": { "between": ["14s", "17s"] }, "crash": "front-{0..4}", "restart_after": "1s" }])"},
    {"a control plane cut off",
     R"([{ "id": "x", "at": "13s", "for": "12s", "partition": ["cp-*"] }])"},
};

TEST(GlobalQuota, IsNeverExceededWhateverBefallsTheControlPlane) {
  for (const Trouble& trouble : kTroubles) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const auto instants = let_through(shop(trouble.timeline), seed);
      EXPECT_LE(most_in_half_a_second(instants), kMostInHalfASecond)
          << trouble.name << ", seed " << seed;
    }
  }
}

TEST(GlobalQuota, IsUsedInFullBeforeTroubleAndAgainAfterIt) {
  for (const Trouble& trouble : kTroubles) {
    const auto instants = let_through(shop(trouble.timeline), 1);
    // A lease's length after the start the first leader has learned that nobody holds anything.
    EXPECT_EQ(per_second(instants, 0s, kLease), 0) << trouble.name;
    EXPECT_GT(per_second(instants, 48s, 60s), 0.95 * kCapacity) << trouble.name;
    EXPECT_LE(per_second(instants, 48s, 60s), 1.01 * kCapacity) << trouble.name;
  }
}

TEST(GlobalQuota, FailsClosedOrOpenAsItsPolicySays) {
  const std::string cut_off =
      R"([{ "id": "x", "at": "30s", "for": "25s", "partition": ["cp-*"] }])";
  const auto closed = let_through(shop(cut_off), 1);
  EXPECT_GT(per_second(closed, 25s, 30s), 0.95 * kCapacity);
  EXPECT_EQ(per_second(closed, 41s, 54s), 0);
  const auto open = let_through(shop(cut_off, R"("when_unreachable": "open")"), 1);
  EXPECT_LT(per_second(open, 25s, 30s), 1.05 * kCapacity);
  EXPECT_NEAR(per_second(open, 41s, 54s), 900, 50);
}

TEST(GlobalQuota, FollowsAChangeOfItsRateWithinALease) {
  const auto instants = let_through(
      shop(
          R"([{ "id": "x", "at": "25s", "policy": { "*→shop": { "quota": { "rate": "120/s" } } } }])"),
      1);
  EXPECT_NEAR(per_second(instants, 18s, 25s), 300, 10);
  // Twelve a second each, one at a time: some wait for a request that would have come earlier.
  EXPECT_LE(per_second(instants, 36s, 60s), 121);
  EXPECT_GE(per_second(instants, 36s, 60s), 100);
}

TEST(GlobalQuota, GivesWhatSomeLeaveToThoseThatWantMore) {
  ScenarioText scenario = shop("[]", R"("burst": "2s")");
  scenario.load = R"([{ "to": "shop", "from": "front-0", "rate": "250/s" },
                      { "to": "shop", "from": "front-*", "rate": "30/s" }])";
  const auto instants = let_through(scenario, 1);
  EXPECT_NEAR(per_second(instants, 30s, 60s), 280, 8);
}

}  // namespace
}  // namespace windtunnel::chaos
