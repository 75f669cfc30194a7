#include "models/health/majority_outlier.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "models/health/fisher_exact.hpp"
#include "models/health/outlier_detector.hpp"
#include "runtime/portable_math.hpp"
#include "runtime/random.hpp"

namespace windtunnel::health {
namespace {

std::uint64_t failures_of(RandomStream& random, std::uint64_t requests, double rate) {
  const Probability fails = Probability::of_ratio(rate);
  std::uint64_t failures = 0;
  for (std::uint64_t request = 0; request < requests; ++request) {
    failures += random.chance(fails) ? 1U : 0U;
  }
  return failures;
}

/// The first `bad` of `hosts` fail at `bad_rate`, the others at `good_rate`; volumes differ
/// threefold.
std::vector<HostSample> sample(RandomStream& random, std::uint32_t hosts, std::uint32_t bad,
                               double good_rate, double bad_rate) {
  std::vector<HostSample> samples;
  for (std::uint32_t host = 0; host < hosts; ++host) {
    const std::uint64_t requests = 200 + random.below(400);
    samples.push_back(
        {.endpoint = balance::EndpointId{host},
         .requests = requests,
         .failures = failures_of(random, requests, host < bad ? bad_rate : good_rate)});
  }
  return samples;
}

TEST(MajorityOutlier, CatchesEveryBadHostUpToHalfOfThemAndNoGoodOne) {
  MajorityOutlierTest test({});
  for (std::uint32_t hosts = 3; hosts <= 40; ++hosts) {
    for (std::uint32_t bad = 1; bad < hosts; ++bad) {
      RandomStream random(1000 * hosts + bad, "majority");
      const auto samples = sample(random, hosts, bad, 0.01, 0.35);
      std::vector<std::uint32_t> caught;
      for (const MajorityOutlier& outlier : test.find(samples)) {
        caught.push_back(outlier.endpoint.value());
      }
      const bool is_minority = hosts - bad >= test.needed(hosts);
      if (is_minority) {
        EXPECT_EQ(caught.size(), bad) << bad << " of " << hosts;
      }
      EXPECT_TRUE(std::all_of(caught.begin(), caught.end(), [&](auto host) { return host < bad; }));
      EXPECT_TRUE(is_minority || 2 * bad > hosts);
    }
  }
}

TEST(MajorityOutlier, WhereSigmaSeesNothingItSeesEverything) {
  MajorityOutlierTest test({});
  for (const std::uint32_t bad : {3U, 4U, 5U}) {
    std::vector<HostSample> samples;
    std::vector<double> rates;
    for (std::uint32_t host = 0; host < 10; ++host) {
      const std::uint64_t failures = host < bad ? 100 : 0;
      samples.push_back({balance::EndpointId{host}, 100, failures});
      rates.push_back(100.0 - static_cast<double>(failures));
    }
    EXPECT_LT(success_rate_threshold(rates, 1.9).threshold, 0);
    EXPECT_EQ(test.find(samples).size(), bad);
  }
}

/// In how many of `sweeps` over hosts of one quality anybody is ejected.
int false_alarms(const MajorityOutlierOptions& options, int sweeps, double rate) {
  MajorityOutlierTest test(options);
  RandomStream random(static_cast<std::uint64_t>(rate * 1e6), "majority.null");
  int alarms = 0;
  for (int sweep = 0; sweep < sweeps; ++sweep) {
    const auto hosts = static_cast<std::uint32_t>(3 + random.below(18));
    alarms += test.find(sample(random, hosts, 0, rate, rate)).empty() ? 0 : 1;
  }
  return alarms;
}

TEST(MajorityOutlier, FalseAlarmsStayBelowTheStatedBoundAtEveryFailureRate) {
  // No minimal difference, so that the statistics alone are held to the bound.
  constexpr double kBound = 0.1;
  constexpr int kSweeps = 1000;
  const MajorityOutlierOptions options{.false_alarm = kBound, .difference_min_percent = 0};
  for (const double rate : {0.001, 0.01, 0.1, 0.5, 0.9}) {
    const int alarms = false_alarms(options, kSweeps, rate);
    RecordProperty("alarms_at_" + std::to_string(rate), alarms);
    EXPECT_LE(alarms, kSweeps * kBound) << "at a failure rate of " << rate;
  }
}

/// The obvious alternative: each host against the better half taken together, by the same exact
/// test at the level false_alarm/n. Whether it alarms.
bool alarms_against_best_half(std::vector<HostSample> samples, double false_alarm) {
  std::sort(samples.begin(), samples.end(), [](const HostSample& a, const HostSample& b) {
    return a.failures * b.requests < b.failures * a.requests;
  });
  Trials best;
  for (std::size_t host = 0; host < samples.size() / 2; ++host) {
    best.count += samples[host].requests;
    best.failures += samples[host].failures;
  }
  const double log_level = portable_log(false_alarm / static_cast<double>(samples.size()));
  return std::any_of(samples.begin(), samples.end(), [&](const HostSample& judged) {
    return log_fisher_exact({judged.requests, judged.failures}, best) <= log_level;
  });
}

// Also shows that the test above can fail: selecting the reference by its luck breaks the bound.
TEST(MajorityOutlier, ComparingWithTheBestHalfWouldBreakTheBound) {
  RandomStream random(5, "majority.best_half");
  int alarms = 0;
  for (int sweep = 0; sweep < 1000; ++sweep) {
    alarms += alarms_against_best_half(sample(random, 20, 0, 0.1, 0.1), 0.1) ? 1 : 0;
  }
  RecordProperty("alarms", alarms);
  EXPECT_GT(alarms, 200);
}

TEST(MajorityOutlier, SmallDifferencesAreHarmlessHoweverSignificant) {
  MajorityOutlierTest test({});
  const std::vector<HostSample> samples{{balance::EndpointId{0}, 1'000'000, 20'000},
                                        {balance::EndpointId{1}, 1'000'000, 10'000},
                                        {balance::EndpointId{2}, 1'000'000, 10'000},
                                        {balance::EndpointId{3}, 1'000'000, 10'000}};
  EXPECT_TRUE(test.find(samples).empty());
  MajorityOutlierTest strict({.difference_min_percent = 0.5});
  EXPECT_EQ(strict.find(samples).size(), 1U);
}

TEST(MajorityOutlier, HostsWithFewRequestsAreNeitherJudgedNorComparedWith) {
  MajorityOutlierTest test({.request_volume = 50, .minimum_hosts = 3});
  const std::vector<HostSample> samples{{balance::EndpointId{0}, 49, 49},
                                        {balance::EndpointId{1}, 200, 150},
                                        {balance::EndpointId{2}, 200, 0},
                                        {balance::EndpointId{3}, 49, 0}};
  EXPECT_TRUE(test.find(samples).empty());
}

TEST(MajorityOutlier, TheWorstComeFirst) {
  MajorityOutlierTest test({});
  const std::vector<HostSample> samples{{balance::EndpointId{0}, 500, 200},
                                        {balance::EndpointId{1}, 500, 0},
                                        {balance::EndpointId{2}, 500, 400},
                                        {balance::EndpointId{3}, 500, 0},
                                        {balance::EndpointId{4}, 500, 2}};
  const auto found = test.find(samples);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].endpoint, balance::EndpointId{2});
  EXPECT_EQ(found[1].endpoint, balance::EndpointId{0});
}

}  // namespace
}  // namespace windtunnel::health
