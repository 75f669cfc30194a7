#include "models/health/outlier_detector.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "tests/models/health/hosts_under_test.hpp"

namespace windtunnel::health {
namespace {

using balance::EndpointId;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(OutlierDetector, FiveFailuresInARowEjectAtOnceAndFourDoNot) {
  OutlierDetector detector = detector_over(10, {});
  fail_run(detector, at(1), 0, 4);
  detector.report_response(at(1), EndpointId{0}, 404);
  fail_run(detector, at(1), 0, 4);
  EXPECT_FALSE(detector.is_ejected(EndpointId{0}));
  fail_run(detector, at(1), 0, 1);
  EXPECT_TRUE(detector.is_ejected(EndpointId{0}));
  EXPECT_EQ(detector.events().back().cause, OutlierCause::consecutive_5xx);
  EXPECT_DOUBLE_EQ(detector.events().back().value, 5);
}

TEST(OutlierDetector, GatewayFailuresAre502To504AndAnother5xxBreaksTheirRun) {
  OutlierOptions options;
  options.consecutive_gateway_failure = {.threshold = 3, .enforcing_percent = 100};
  OutlierDetector detector = detector_over(10, options);
  fail_run(detector, at(1), 0, 2, 503);
  fail_run(detector, at(1), 0, 1, 500);
  fail_run(detector, at(1), 1, 1, 502);
  fail_run(detector, at(1), 1, 1, 504);
  EXPECT_EQ(detector.ejected_count(), 0U);
  fail_run(detector, at(1), 1, 1, 503);
  EXPECT_EQ(detector.events().back().cause, OutlierCause::consecutive_gateway_failure);
  EXPECT_TRUE(detector.is_ejected(EndpointId{1}));
}

TEST(OutlierDetector, ByDefaultGatewayFailuresAreDetectedAndNotEnforced) {
  OutlierOptions options;
  options.consecutive_gateway_failure.threshold = 3;
  OutlierDetector detector = detector_over(10, options);
  fail_run(detector, at(1), 0, 3, 503);
  ASSERT_EQ(detector.events().size(), 1U);
  EXPECT_EQ(detector.events().front().action, OutlierAction::not_enforced);
  EXPECT_EQ(detector.ejected_count(), 0U);
}

TEST(OutlierDetector, SplitOriginsAreCountedApart) {
  OutlierOptions options;
  options.origin_errors = OriginErrors::split;
  OutlierDetector detector = detector_over(10, options);
  for (int failure = 0; failure < 4; ++failure) {
    detector.report(at(1), EndpointId{0}, OriginResult::external_failure);
    detector.report(at(1), EndpointId{0}, OriginResult::local_origin_timeout);
  }
  EXPECT_EQ(detector.ejected_count(), 0U);
  detector.report(at(1), EndpointId{0}, OriginResult::local_origin_connect_failed);
  EXPECT_EQ(detector.events().back().cause, OutlierCause::consecutive_local_origin_failure);

  OutlierDetector together = detector_over(10, {});
  for (int failure = 0; failure < 2; ++failure) {
    together.report(at(1), EndpointId{0}, OriginResult::external_failure);
    together.report(at(1), EndpointId{0}, OriginResult::local_origin_timeout);
    together.report(at(1), EndpointId{0}, OriginResult::local_origin_connect_success);
  }
  together.report(at(1), EndpointId{0}, OriginResult::local_origin_connect_failed);
  EXPECT_EQ(together.events().back().cause, OutlierCause::consecutive_5xx);
}

TEST(OutlierDetector, TheCapLooksAheadSoThatTenPercentOfFiveHostsIsNobody) {
  for (const std::uint32_t hosts : {5U, 9U, 10U, 20U, 29U, 30U}) {
    OutlierDetector detector = detector_over(hosts, {});
    for (std::uint32_t host = 0; host < hosts; ++host) {
      fail_run(detector, at(1), host, 5);
    }
    EXPECT_EQ(detector.ejected_count(), hosts / 10) << hosts << " hosts";
    EXPECT_EQ(count_of(detector, OutlierAction::prevented_by_cap), hosts - hosts / 10);
  }
}

TEST(OutlierDetector, AlwaysEjectOneHostIsAnOption) {
  OutlierOptions options;
  options.always_eject_one_host = true;
  OutlierDetector detector = detector_over(5, options);
  for (std::uint32_t host = 0; host < 5; ++host) {
    fail_run(detector, at(1), host, 5);
  }
  EXPECT_EQ(detector.ejected_count(), 1U);
}

// A region of half the hosts is down and max_ejection_percent is 20: three of its five hosts can
// never be ejected, so the region stays 60 % healthy, which by Envoy's overprovisioning of 1.4
// means 84 % of the traffic, and failover never happens (istio/istio#34605).
TEST(OutlierDetector, WhyFailoverNeverHappensIsReadFromTheDecisions) {
  for (const std::uint32_t percent : {20U, 50U}) {
    OutlierOptions options;
    options.max_ejection_percent = percent;
    OutlierDetector detector(options, Instant{}, RandomStream(1, "outlier"));
    std::vector<balance::Endpoint> hosts = hosts_of(10);
    for (std::uint32_t host = 5; host < 10; ++host) {
      hosts[host].zone = "region-2";
      hosts[host].priority = 1;
    }
    detector.update_endpoints(hosts);
    // Nobody returns within the half minute: this is about the cap alone.
    for (std::int64_t second = 1; second < 30; ++second) {
      for (std::uint32_t host = 0; host < 5; ++host) {
        fail_run(detector, at(second), host, 5);
      }
      detector.on_deadline(at(second));
    }
    EXPECT_EQ(detector.ejected_count(), percent == 20 ? 2U : 5U);
    const bool was_prevented = count_of(detector, OutlierAction::prevented_by_cap) > 0;
    EXPECT_EQ(was_prevented, percent == 20);
    for (const OutlierEvent& event : detector.events()) {
      if (event.action == OutlierAction::prevented_by_cap) {
        EXPECT_EQ(event.ejected_hosts, 2U);
        EXPECT_EQ(event.hosts, 10U);
        EXPECT_GT(100 * (event.ejected_hosts + 1), 20 * event.hosts);
      }
    }
  }
}

TEST(OutlierDetector, PanicAwareEjectionLeavesEachPriorityItsShare) {
  OutlierOptions options;
  options.max_ejection_percent = 100;
  options.available_percent_min = 50;
  OutlierDetector detector(options, Instant{}, RandomStream(1, "outlier"));
  std::vector<balance::Endpoint> hosts = hosts_of(10);
  for (std::uint32_t host = 5; host < 10; ++host) {
    hosts[host].priority = 1;
  }
  detector.update_endpoints(hosts);
  // Of priority 1 one host is down already, by its active check or in the control plane's view.
  detector.report_active_check(at(1), EndpointId{9}, false);
  hosts[9].health = balance::EndpointHealth::draining;
  detector.update_endpoints(hosts);
  detector.report_active_check(at(1), EndpointId{9}, true);
  for (std::uint32_t host = 0; host < 10; ++host) {
    fail_run(detector, at(1), host, 5);
  }
  EXPECT_EQ(ejected_hosts(detector), (std::vector<std::uint32_t>{0, 1, 5, 9}));
  EXPECT_EQ(count_of(detector, OutlierAction::prevented_by_panic), 6);
}

TEST(OutlierDetector, EnforcingPercentIsAChance) {
  OutlierOptions options;
  options.consecutive_5xx.enforcing_percent = 30;
  int ejected = 0;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
    OutlierDetector detector = detector_over(10, options, seed);
    fail_run(detector, at(1), 0, 5);
    ejected += detector.ejected_count() == 1 ? 1 : 0;
  }
  EXPECT_NEAR(ejected, 3000, 4 * std::sqrt(10'000 * 0.3 * 0.7));
}

/// When the host returned, having been ejected at `ejected_at`; sweeps every ten seconds.
Instant run_until_return(OutlierDetector& detector, Instant ejected_at) {
  for (Instant now = ejected_at; now < ejected_at + seconds{3600}; now = detector.next_deadline()) {
    detector.on_deadline(now);
    if (!detector.is_ejected(EndpointId{0})) {
      return now;
    }
  }
  return Instant::max();
}

TEST(OutlierDetector, HostsReturnAtSweepsOnlySoThatTheTimeRoundsUp) {
  OutlierDetector detector = detector_over(10, {});
  fail_run(detector, Instant{} + milliseconds{1}, 0, 5);
  // 30 s are over at 30.001 s; the sweep of 30 s comes too early.
  EXPECT_EQ(run_until_return(detector, Instant{} + milliseconds{1}), at(40));
  EXPECT_EQ(detector.events().back().action, OutlierAction::returned);
}

TEST(OutlierDetector, EachEjectionIsABaseTimeLongerUpToTheMaximum) {
  OutlierDetector detector = detector_over(10, {});
  Instant now{};
  std::vector<std::int64_t> times;
  for (int round = 0; round < 13; ++round) {
    fail_run(detector, now, 0, 5);
    times.push_back(detector.events().back().ejection_time / seconds{1});
    now = run_until_return(detector, now);
  }
  EXPECT_EQ(times, (std::vector<std::int64_t>{30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300,
                                              300, 300}));
}

TEST(OutlierDetector, BackoffEasesByOneForEachIntervalInService) {
  OutlierDetector detector = detector_over(10, {});
  Instant now{};
  for (int round = 0; round < 3; ++round) {
    fail_run(detector, now, 0, 5);
    now = run_until_return(detector, now);
  }
  EXPECT_EQ(detector.backoff(EndpointId{0}), 3U);
  for (std::uint32_t expected : {2U, 1U, 0U, 0U}) {
    now = detector.next_deadline();
    detector.on_deadline(now);
    EXPECT_EQ(detector.backoff(EndpointId{0}), expected);
  }
}

TEST(OutlierDetector, AReturnForgetsTheRunsOfFailures) {
  OutlierOptions options;
  options.consecutive_gateway_failure = {.threshold = 3, .enforcing_percent = 100};
  OutlierDetector detector = detector_over(10, options);
  // Ejected by the third 503; its fourth failure in a row would be one short of five.
  fail_run(detector, at(1), 0, 4, 503);
  const Instant returned = run_until_return(detector, at(1));
  fail_run(detector, returned, 0, 4, 500);
  EXPECT_FALSE(detector.is_ejected(EndpointId{0}));
  fail_run(detector, returned, 0, 1, 500);
  EXPECT_TRUE(detector.is_ejected(EndpointId{0}));
}

TEST(OutlierDetector, JitterIsAddedToTheCappedTime) {
  OutlierOptions options;
  options.max_ejection_time_jitter = seconds{5};
  Duration least = Duration::max();
  Duration most{};
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    OutlierDetector detector = detector_over(10, options, seed);
    fail_run(detector, at(1), 0, 5);
    least = std::min(least, detector.events().back().ejection_time);
    most = std::max(most, detector.events().back().ejection_time);
  }
  EXPECT_GE(least, seconds{30});
  EXPECT_LT(least, seconds{30} + milliseconds{50});
  EXPECT_LE(most, seconds{35});
  EXPECT_GT(most, seconds{35} - milliseconds{50});
}

TEST(OutlierDetector, APassedActiveCheckBringsAHostBackAtOnceUnlessTurnedOff) {
  for (const bool unejects : {true, false}) {
    OutlierOptions options;
    options.successful_active_health_check_uneject_host = unejects;
    OutlierDetector detector = detector_over(10, options);
    fail_run(detector, at(1), 0, 5);
    detector.report_active_check(at(2), EndpointId{0}, false);
    EXPECT_TRUE(detector.is_ejected(EndpointId{0}));
    detector.report_active_check(at(3), EndpointId{0}, true);
    EXPECT_EQ(detector.is_ejected(EndpointId{0}), !unejects);
  }
}

TEST(OutlierDetector, GrpcKnowsNoRunsOfFailures) {
  OutlierDetector detector = detector_over(10, grpc_a50_outlier_options());
  fail_run(detector, at(1), 0, 50);
  EXPECT_TRUE(detector.events().empty());
}

TEST(OutlierDetector, AnUpdateKeepsWhoStaysAndForgetsWhoGoes) {
  OutlierOptions options;
  options.max_ejection_percent = 100;
  OutlierDetector detector = detector_over(10, options);
  fail_run(detector, at(1), 0, 5);
  fail_run(detector, at(1), 9, 5);
  detector.update_endpoints(hosts_of(9));
  EXPECT_EQ(detector.ejected_count(), 1U);
  EXPECT_TRUE(detector.is_ejected(EndpointId{0}));
  detector.update_endpoints(hosts_of(10));
  EXPECT_FALSE(detector.is_ejected(EndpointId{9}));
  detector.report_response(at(2), EndpointId{77}, 500);
}

TEST(OutlierDetector, CountsWhatFailedItsChecksAsAvailableOnceTheyAreForgotten) {
  OutlierOptions options;
  options.max_ejection_percent = 100;
  options.available_percent_min = 50;
  OutlierDetector detector = detector_over(4, options);
  detector.report_active_check(at(1), EndpointId{0}, false);
  detector.report_active_check(at(1), EndpointId{1}, false);
  fail_run(detector, at(1), 2, 5);
  EXPECT_EQ(detector.events().back().action, OutlierAction::prevented_by_panic);
  detector.forget_active_checks();
  fail_run(detector, at(1), 2, 5);
  EXPECT_EQ(detector.events().back().action, OutlierAction::ejected);
}

}  // namespace
}  // namespace windtunnel::health
