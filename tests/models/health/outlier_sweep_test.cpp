// The periodic half of OutlierDetector, as models/health/outlier_sweep.cpp has it.
#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>

#include "models/health/outlier_detector.hpp"
#include "tests/models/health/hosts_under_test.hpp"

namespace windtunnel::health {
namespace {

using balance::EndpointId;
using std::chrono::seconds;

// envoy outlier_detection_impl.cc, comment of successRateEjectionThreshold.
TEST(OutlierSweep, EnvoysOwnExampleGives52) {
  const auto limit = success_rate_threshold(std::array{50.0, 100.0, 100.0, 100.0, 100.0}, 1.9);
  EXPECT_DOUBLE_EQ(limit.mean, 90);
  EXPECT_DOUBLE_EQ(limit.deviation, 20);
  EXPECT_DOUBLE_EQ(limit.threshold, 52);
}

TEST(OutlierSweep, EjectsTheHostOfEnvoysExampleAtTheSweepWithTheNumbersBehindIt) {
  OutlierDetector detector = detector_over(5, rates_only());
  respond(detector, at(3), 0, 50, 50);
  for (std::uint32_t host = 1; host < 5; ++host) {
    respond(detector, at(3), host, 100, 0);
  }
  EXPECT_EQ(detector.ejected_count(), 0U);
  detector.clear_events();
  detector.on_deadline(at(10));
  ASSERT_EQ(detector.events().size(), 1U);
  const OutlierEvent& event = detector.events().front();
  EXPECT_EQ(event.endpoint, EndpointId{0});
  EXPECT_EQ(event.action, OutlierAction::ejected);
  EXPECT_EQ(event.cause, OutlierCause::success_rate);
  EXPECT_DOUBLE_EQ(event.value, 50);
  EXPECT_DOUBLE_EQ(event.threshold, 52);
  EXPECT_EQ(event.at, at(10));
  EXPECT_EQ(event.ejection_time, seconds{30});
}

// k equally bad hosts of n are below mean − 1.9σ exactly if √((n−k)/k) > 1.9, however bad they are:
// k/n < 1/(1 + 1.9²) = 21.7 %.
TEST(OutlierSweep, MeanMinusSigmaIsBlindFrom217PercentOfBadHosts) {
  for (std::uint32_t hosts = 5; hosts <= 60; ++hosts) {
    for (std::uint32_t bad = 1; bad < hosts; ++bad) {
      std::vector<double> rates(hosts, 99.0);
      std::fill_n(rates.begin(), bad, 1.0);
      const auto limit = success_rate_threshold(rates, 1.9);
      const bool is_visible = std::sqrt((hosts - bad) / static_cast<double>(bad)) > 1.9;
      EXPECT_EQ(rates.front() < limit.threshold, is_visible) << bad << " of " << hosts;
      EXPECT_EQ(is_visible, bad / static_cast<double>(hosts) < 1 / 4.61);
      EXPECT_FALSE(rates.back() < limit.threshold);
    }
  }
}

TEST(OutlierSweep, OfTenHostsTwoBadOnesAreEjectedAndThreeNever) {
  for (const std::uint32_t bad : {2U, 3U}) {
    OutlierDetector detector = detector_over(10, rates_only());
    for (int sweep = 1; sweep <= 5; ++sweep) {
      for (std::uint32_t host = 0; host < 10; ++host) {
        respond(detector, at(10 * sweep - 5), host, host < bad ? 0 : 100, host < bad ? 100 : 0);
      }
      detector.on_deadline(at(10 * sweep));
    }
    EXPECT_EQ(detector.ejected_count(), bad == 2 ? 2U : 0U);
  }
}

TEST(OutlierSweep, RatesAreJudgedOverOneIntervalAndEnoughRequestsOnly) {
  OutlierDetector detector = detector_over(5, rates_only());
  respond(detector, at(3), 0, 49, 50);  // 99 requests: one too few.
  for (std::uint32_t host = 1; host < 5; ++host) {
    respond(detector, at(3), host, 100, 0);
  }
  detector.on_deadline(at(10));
  EXPECT_FALSE(detector.last_success_rate());
  EXPECT_EQ(detector.ejected_count(), 0U);
  // What was counted before the last sweep is gone.
  respond(detector, at(13), 0, 1, 0);
  detector.on_deadline(at(20));
  EXPECT_FALSE(detector.last_success_rate());
}

TEST(OutlierSweep, FailurePercentageEjectsAtTheThresholdWhateverTheOthersDo) {
  OutlierOptions options = rates_only();
  options.success_rate.enforcing_percent = 0;
  options.failure_percentage.enforcing_percent = 100;
  OutlierDetector detector = detector_over(6, options);
  for (std::uint32_t host = 0; host < 6; ++host) {
    // All but the last fail 85 % or more.
    respond(detector, at(1), host, host == 5 ? 16 : 15, host == 5 ? 84 : 85);
  }
  detector.on_deadline(at(10));
  EXPECT_EQ(ejected_hosts(detector), (std::vector<std::uint32_t>{0, 1, 2, 3, 4}));
}

TEST(OutlierSweep, AHostThatTwoTestsFindIsEjectedOnce) {
  OutlierOptions options = rates_only();
  options.failure_percentage.enforcing_percent = 100;
  OutlierDetector detector = detector_over(10, options);
  for (std::uint32_t host = 0; host < 10; ++host) {
    respond(detector, at(1), host, host == 0 ? 0 : 100, host == 0 ? 100 : 0);
  }
  detector.on_deadline(at(10));
  EXPECT_EQ(detector.ejected_count(), 1U);
  EXPECT_EQ(count_of(detector, OutlierAction::ejected), 1);
}

TEST(OutlierSweep, GrpcLooksBackAtTheCapAndNeedsMoreThanTheThreshold) {
  for (const std::uint32_t percent : {0U, 5U, 10U, 11U, 20U}) {
    OutlierOptions options = grpc_a50_outlier_options();
    options.max_ejection_percent = percent;
    options.success_rate.enforcing_percent = 0;
    OutlierDetector detector = detector_over(10, options);
    for (std::uint32_t host = 0; host < 10; ++host) {
      respond(detector, at(1), host, host == 0 ? 15 : 5, host == 0 ? 85 : 95);
    }
    detector.on_deadline(at(10));
    // Host 0 fails exactly 85 % and is spared. The last ejection may pass the maximum.
    EXPECT_EQ(detector.ejected_count(), (percent + 9) / 10) << percent;
    EXPECT_FALSE(detector.is_ejected(EndpointId{0}));
  }
}

TEST(OutlierSweep, GrpcEjectsForTwoBaseTimesWhatBothTestsFind) {
  OutlierDetector detector = detector_over(10, grpc_a50_outlier_options());
  for (std::uint32_t host = 0; host < 10; ++host) {
    respond(detector, at(1), host, host == 0 ? 0 : 100, host == 0 ? 100 : 0);
  }
  detector.on_deadline(at(10));
  EXPECT_EQ(detector.backoff(EndpointId{0}), 1U);
  OutlierOptions options = grpc_a50_outlier_options();
  options.max_ejection_percent = 100;
  OutlierDetector uncapped = detector_over(10, options);
  for (std::uint32_t host = 0; host < 10; ++host) {
    respond(uncapped, at(1), host, host == 0 ? 0 : 100, host == 0 ? 100 : 0);
  }
  uncapped.on_deadline(at(10));
  EXPECT_EQ(uncapped.backoff(EndpointId{0}), 2U);
  EXPECT_EQ(uncapped.events().back().ejection_time, seconds{60});
  EXPECT_EQ(uncapped.ejected_count(), 1U);
}

TEST(OutlierSweep, GrpcMultiplierCountsEjectionsAndSweepsInService) {
  OutlierOptions options = grpc_a50_outlier_options();
  OutlierDetector detector = detector_over(10, options);
  const auto sweep = [&](bool is_bad) {
    const Instant now = detector.next_deadline();
    for (std::uint32_t host = 0; host < 10; ++host) {
      const bool fails = host == 0 && is_bad;
      respond(detector, now, host, fails ? 0 : 100, fails ? 100 : 0);
    }
    detector.on_deadline(now);
    return detector.is_ejected(EndpointId{0});
  };
  ASSERT_TRUE(sweep(true));
  // Ejected at 10 s for 30 s; at 40 s the time is reached and not passed.
  EXPECT_TRUE(sweep(false));
  EXPECT_TRUE(sweep(false));
  EXPECT_TRUE(sweep(false));
  EXPECT_FALSE(sweep(false));
  EXPECT_EQ(detector.backoff(EndpointId{0}), 1U);
  sweep(false);
  EXPECT_EQ(detector.backoff(EndpointId{0}), 0U);
}

TEST(OutlierSweep, TheMajorityTestEjectsFiveBadHostsOfTenWhereSigmaFindsNone) {
  for (const bool majority : {false, true}) {
    OutlierOptions options = rates_only();
    options.max_ejection_percent = 40;
    options.majority_enabled = majority;
    OutlierDetector detector = detector_over(10, options);
    for (std::uint32_t host = 0; host < 10; ++host) {
      // Host 3 is the worst; the cap takes four, worst first.
      const int failures = host >= 5 ? 1 : host == 3 ? 45 : 30 + static_cast<int>(host);
      respond(detector, at(1), host, 100 - failures, failures);
    }
    detector.clear_events();
    detector.on_deadline(at(10));
    if (!majority) {
      EXPECT_EQ(detector.ejected_count(), 0U);
      continue;
    }
    EXPECT_EQ(ejected_hosts(detector), (std::vector<std::uint32_t>{1, 2, 3, 4}));
    ASSERT_EQ(detector.events().size(), 5U);
    EXPECT_EQ(detector.events().front().endpoint, EndpointId{3});
    EXPECT_GE(detector.events().front().value, detector.events().front().threshold);
    EXPECT_EQ(detector.events().back().action, OutlierAction::prevented_by_cap);
  }
}

}  // namespace
}  // namespace windtunnel::health
