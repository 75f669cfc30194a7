// Certificates and rotations in whole runs: from the scenario to the measures.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "chaos/measure/identity_measures.hpp"
#include "chaos/measure/measures.hpp"
#include "chaos/run/runner.hpp"
#include "chaos/scenario/plan.hpp"
#include "tests/chaos/made_record.hpp"
#include "tests/chaos/scenario_text.hpp"

namespace windtunnel::chaos {
namespace {

using namespace std::chrono_literals;

ScenarioText shop(const std::string& timeline, const std::string& policy = "",
                  const std::string& control_plane = "") {
  ScenarioText scenario;
  scenario.topology = R"({ "zones": { "a": "east", "b": "east", "c": "east" },
      "hosts": { "cp-{a,b,c}": { "zone": "{}" }, "web-{1..3}": { "spread": ["a", "b", "c"] },
                 "front-{1..3}": { "zone": "a" } } })";
  scenario.control_plane =
      R"({ "on": "cp-*", "identity": { "ttl": "10s", "backdate": "1s", "backoff": "200ms..1s" })" +
      control_plane + " }";
  scenario.more =
      R"("services": { "shop": { "on": "web-*", "workers": 8, "service_time": { "exponential": "2ms" } } },
         "policies": { "*→shop": { "timeout": "200ms", "mtls": { "connection_age": "500ms" })" +
      policy + R"( } },)";
  scenario.load = R"([{ "to": "shop", "from": "front-*", "rate": "300/s" }])";
  scenario.timeline = timeline;
  return scenario;
}

void take_off_mtls(ScenarioText& scenario) {
  const std::string mtls = R"(, "mtls": { "connection_age": "500ms" })";
  scenario.more.erase(scenario.more.find(mtls), mtls.size());
}

std::string rotation(const std::string& how) {
  return R"([{ "id": "new", "at": "12s", "rotate_root": )" + how + " }]";
}

std::uint64_t refused(const RunRecord& record) {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      record.handshakes,
      [](const HandshakeRecord& handshake) { return !handshake.cause.empty(); }));
}

TEST(IdentityRun, ReplacesTheRootUnderLoadWithoutAFailedHandshake) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const RunRecord record = run_plan(planned(shop(rotation("{}")), seed), {});
    EXPECT_EQ(refused(record), 0U) << seed;
    EXPECT_GT(record.handshakes.size(), 500U) << seed;
    ASSERT_EQ(record.rotation_moves.size(), 4U) << seed;
    for (const CertificateRecord& certificate : record.certificates) {
      const bool is_late = certificate.at > record.rotation_moves[2].at;
      EXPECT_TRUE(!is_late || certificate.issuer == 2) << seed;
    }
  }
}

TEST(IdentityRun, ShowsWhatOtherOrdersDo) {
  for (const char* how : {R"({ "order": ["add", "drop", "switch"] })",
                          R"({ "order": ["drop", "switch", "add"] })", R"({ "wait": false })"}) {
    EXPECT_GT(refused(run_plan(planned(shop(rotation(how)), 1), {})), 0U) << how;
  }
}

TEST(IdentityRun, PartsOfARotationAddUpToItsLength) {
  const Plan plan = planned(shop(rotation("{}")), 1);
  const RunRecord record = run_plan(plan, {});
  Duration sum{};
  for (const char* part :
       {"rotation.convergence.add", "rotation.convergence.switch", "rotation.convergence.drop"}) {
    sum += std::get<Duration>(*rotation_measure(record, part, "new").amount());
  }
  EXPECT_EQ(rotation_measure(record, "rotation.convergence", "new"), measured(sum, 1));
  EXPECT_GT(sum, 1s);
  // An interval of renewal, and what pushes and ticks take.
  EXPECT_LT(sum, 5100ms + 2s);
}

TEST(IdentityRun, SharesItsHandshakesBetweenRequestsUntilTheirConnectionIsTooOld) {
  ScenarioText scenario = shop("[]");
  const RunRecord record = run_plan(planned(scenario, 1), {});
  // Nine pairs, each half a second, for a minute; and what begins at the same time.
  EXPECT_NEAR(static_cast<double>(record.handshakes.size()), 9 * 2 * 58, 120);
  EXPECT_EQ(refused(record), 0U);
}

TEST(IdentityRun, SecuresTheCopiesOfAHedgedRequestToo) {
  const RunRecord record =
      run_plan(planned(shop(rotation(R"({ "order": ["add", "drop", "switch"] })"),
                            R"(, "hedge": { "after": "p90", "attempts": 2 })"),
                       1),
               {});
  EXPECT_GT(refused(record), 0U);
  const auto& requests = record.services.at(0).requests;
  EXPECT_TRUE(std::ranges::any_of(requests, [](const auto& r) { return r.attempts == 2; }));
  const auto ok_late = std::ranges::count_if(requests, [](const OperationRecord& request) {
    return request.invoked_at > at(30s) && request.outcome == OperationOutcome::ok;
  });
  EXPECT_GT(ok_late, 8000);
}

TEST(IdentityRun, BringsTrustToProxiesThatAskForLittleElse) {
  const RunRecord record =
      run_plan(planned(shop(rotation("{}"), "", R"(, "registry": { "heartbeat": "1s" })"), 1), {});
  EXPECT_EQ(refused(record), 0U);
  EXPECT_EQ(record.rotation_moves.size(), 4U);
}

TEST(IdentityRun, AsksForNoHandshakeWhereNoRouteDoes) {
  ScenarioText scenario = shop("[]");
  take_off_mtls(scenario);
  EXPECT_TRUE(run_plan(planned(scenario, 1), {}).handshakes.empty());
}

TEST(IdentityRun, BeginsToAskWhenAPolicySaysSo) {
  ScenarioText scenario = shop(
      R"([{ "id": "on", "at": "20s", "policy": { "*→shop": { "mtls": { "connection_age": "1s" } } } }])");
  take_off_mtls(scenario);
  const RunRecord record = run_plan(planned(scenario, 1), {});
  ASSERT_FALSE(record.handshakes.empty());
  EXPECT_GE(record.handshakes.front().at, at(20s));
  EXPECT_EQ(refused(record), 0U);
}

TEST(IdentityPlan, LoadsAsItPrintsItself) {
  for (const char* how :
       {"{}", R"({ "order": ["switch", "drop", "add"] })", R"({ "wait": false })"}) {
    const Plan plan = planned(shop(rotation(how)), 3);
    EXPECT_EQ(make_plan(loaded(plan_json(plan)), 3), plan) << plan_json(plan);
  }
  const std::string text = plan_text(planned(shop(rotation("{}")), 3));
  EXPECT_NE(text.find("identity: certificates for 10s, renewed when 50% of it are left\n"),
            std::string::npos);
  EXPECT_NE(text.find(", mutual TLS\n"), std::string::npos);
  EXPECT_NE(text.find("at 12s: rotate the root: add, switch, drop [new]\n"), std::string::npos);
}

/// Certificates at 1 s, one that runs out at 15 s, and a rotation from 10 s of which two steps are
/// done.
RunRecord made_identity() {
  RunRecord record = steady_record(30s);
  record.certificates = {{at(1s), HostId{3}, 1, 7, false}, {at(15s), HostId{3}, 0, 7, true}};
  record.handshakes = {{at(5s), HostId{3}, HostId{4}, ""},
                       {at(16s), HostId{4}, HostId{3}, "server: expired"}};
  record.rotations = {{"new", {"add", "switch", "drop"}, at(10s), 2}};
  record.rotation_moves = {{at(10100ms), 2, 0}, {at(11s), 2, 1}, {at(20s), 2, 2}};
  return record;
}

TEST(IdentityMeasures, CountWhatHappenedInTheirWindow) {
  const RunRecord record = made_identity();
  const auto in = [&](const char* measure, Duration from, Duration to) {
    return identity_measure(record, measure, {at(from), at(to)});
  };
  EXPECT_EQ(in("identity.handshake_failures", 0s, 30s), measured(Count{1}, 2));
  EXPECT_EQ(in("identity.handshake_failures", 0s, 10s), measured(Count{0}, 1));
  EXPECT_EQ(in("identity.handshake_failures", 20s, 30s), no_evidence("no handshake was made"));
  EXPECT_EQ(in("identity.expired", 0s, 30s), measured(Count{1}, 1));
  EXPECT_EQ(in("identity.expired", 0s, 15s), measured(Count{0}, 1));
  EXPECT_EQ(in("identity.expired", 0s, 1s), no_evidence("no proxy had a certificate"));
}

TEST(IdentityMeasures, SplitARotationThatIsNotOver) {
  const RunRecord record = made_identity();
  EXPECT_EQ(rotation_measure(record, "rotation.convergence.add", "new"), measured(Duration{1s}, 1));
  EXPECT_EQ(rotation_measure(record, "rotation.convergence.switch", "new"),
            measured(Duration{9s}, 1));
  EXPECT_TRUE(rotation_measure(record, "rotation.convergence.drop", "new").is_censored());
  EXPECT_TRUE(rotation_measure(record, "rotation.convergence", "new").is_censored());
  EXPECT_EQ(rotation_measure(record, "rotation.convergence", "other"),
            not_applicable("no root was rotated"));
}

}  // namespace
}  // namespace windtunnel::chaos
