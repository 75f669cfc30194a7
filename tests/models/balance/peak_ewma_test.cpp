#include "models/balance/peak_ewma.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(double s) {
  return Instant{Duration{static_cast<std::int64_t>(s * 1e9)}};
}

TEST(PeakEwmaCost, JumpsToAPeakAndDecaysWithElapsedTime) {
  PeakEwmaCost cost;
  cost.observe(at(0), milliseconds{100}, seconds{10});
  EXPECT_DOUBLE_EQ(cost.read(at(0), seconds{10}), 100e6);
  EXPECT_NEAR(cost.read(at(5), seconds{10}), 100e6 * std::exp(-0.5), 1);
  cost.observe(at(5), milliseconds{300}, seconds{10});
  EXPECT_DOUBLE_EQ(cost.read(at(5), seconds{10}), 300e6);
}

TEST(PeakEwmaCost, AveragesWhatIsBelowIt) {
  PeakEwmaCost cost;
  cost.observe(at(0), milliseconds{100}, seconds{10});
  cost.observe(at(10), milliseconds{20}, seconds{10});
  const double past = std::exp(-1.0);
  EXPECT_NEAR(cost.read(at(10), seconds{10}), 100e6 * past + 20e6 * (1 - past), 1);
}

TEST(PeakEwmaCost, DecaysAlikeHoweverOftenItIsRead) {
  PeakEwmaCost once{at(0), milliseconds{100}};
  PeakEwmaCost often{at(0), milliseconds{100}};
  for (int i = 1; i < 1000; ++i) {
    static_cast<void>(often.read(at(i * 0.02), seconds{10}));
  }
  EXPECT_NEAR(often.read(at(20), seconds{10}), once.read(at(20), seconds{10}), 1e-3);
}

TEST(PeakEwma, MultipliesLatencyByRequestsUnderWayPlusOne) {
  MadeEndpoints made{{1, 1}};
  PeakEwma policy{{}, made.input(1)};
  policy.observe(at(0), {EndpointId{0}, milliseconds{10}, true});
  made.loads.begin(EndpointId{0});
  made.loads.begin(EndpointId{0});
  EXPECT_DOUBLE_EQ(policy.load(EndpointId{0}, at(0)), 30e6);
}

// Finagle: free while idle, out of the question while its first request is under way.
TEST(PeakEwma, SendsAnUnknownEndpointOneRequestFirst) {
  MadeEndpoints made{{1, 1}};
  PeakEwma policy{{}, made.input(1)};
  policy.observe(at(0), {EndpointId{0}, milliseconds{10}, true});
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(policy.pick(at(0), {}), EndpointId{1});
  }
  made.loads.begin(EndpointId{1});
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(policy.pick(at(0), {}), EndpointId{0});
  }
}

TEST(PeakEwma, TakesAnUnknownEndpointForAsSlowAsItIsTold) {
  MadeEndpoints made{{1}};
  PeakEwma policy{{.initial = milliseconds{30}}, made.input(1)};
  EXPECT_DOUBLE_EQ(policy.load(EndpointId{0}, at(0)), 30e6);
}

/// How many of 1000 picks go to an endpoint that fails within a millisecond, beside three that
/// answer after ten.
int picks_of_a_fast_failure(Duration failure_cost) {
  MadeEndpoints made{{1, 1, 1, 1}};
  PeakEwma policy{{.failure_cost = failure_cost}, made.input(1)};
  int picks = 0;
  for (int i = 0; i < 1000; ++i) {
    const EndpointId picked = *policy.pick(at(i * 0.01), {});
    const bool fails = picked == EndpointId{0};
    picks += fails ? 1 : 0;
    policy.observe(at(i * 0.01), {picked, milliseconds{fails ? 1 : 10}, !fails});
  }
  return picks;
}

TEST(PeakEwma, IsNotDrawnToAnEndpointThatFailsFastOnceFailuresCost) {
  EXPECT_GT(picks_of_a_fast_failure(Duration{}), 400);
  EXPECT_LT(picks_of_a_fast_failure(seconds{1}), 10);
}

TEST(PeakEwma, RemembersLatenciesOverSnapshotsWhereTheHistoryIsKept) {
  MadeEndpoints made{{1, 1}};
  PeakEwmaHistory history;
  {
    PeakEwma before{{.history = &history}, made.input(1)};
    before.observe(at(0), {EndpointId{0}, milliseconds{10}, true});
  }
  PeakEwma after{{.history = &history}, made.input(1)};
  EXPECT_DOUBLE_EQ(after.load(EndpointId{0}, at(0)), 10e6);
}

}  // namespace
}  // namespace windtunnel::balance
