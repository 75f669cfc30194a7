#include "models/proxy/version_meter.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;
using service::CallOutcome;
using sim::Bundle;
using sim::SmallWorld;

/// A proxy that counts, and two hosts that hear its reports.
struct MeterWorld {
  MeterWorld() {
    for (std::uint32_t i = 0; i < 2; ++i) {
      world.start(i, [this, i](Host& host, Bundle& bundle) {
        bundle.subscriptions.push_back(host.messages().on<VersionReport>(
            [this, i](HostId, const VersionReport& report) { heard[i].push_back(report); }));
      });
    }
    world.start(2, [this](Host& host, Bundle& bundle) {
      auto made = std::make_shared<VersionMeter>(
          host, VersionMeterOptions{.control_plane = {HostId{0}, HostId{1}}, .every = 1s});
      meter = made.get();
      bundle.kept.push_back(made);
    });
  }

  SmallWorld world{{.hosts = 3}};
  VersionMeter* meter = nullptr;
  std::vector<VersionReport> heard[2];
};

TEST(VersionMeter, TellsEveryNodeWhatHappenedSinceTheLastReportAndNothingTwice) {
  MeterWorld meter;
  meter.meter->count("shop", 2, CallOutcome::ok, 7ms);
  meter.meter->count("shop", 1, CallOutcome::ok, 5ms);
  meter.meter->count("shop", 1, CallOutcome::ok, 5ms);
  meter.meter->count("shop", 1, CallOutcome::timed_out, 250ms);
  meter.world.run_for(2100ms);
  for (const std::vector<VersionReport>& reports : meter.heard) {
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].service, "shop");
    const std::vector<VersionCounts> expected{{1, 3, 1, {{bucket_of(5ms), 2}}},
                                              {2, 1, 0, {{bucket_of(7ms), 1}}}};
    EXPECT_EQ(reports[0].versions, expected);
  }
  meter.world.run_for(5s);
  EXPECT_EQ(meter.heard[0].size(), 1U);
  meter.meter->count("shop", 2, CallOutcome::failed, 1ms);
  meter.world.run_for(2s);
  ASSERT_EQ(meter.heard[0].size(), 2U);
  EXPECT_EQ(meter.heard[0][1].versions, (std::vector<VersionCounts>{{2, 1, 1, {}}}));
}

TEST(VersionMeter, DoesNotBlameAVersionForWhatIsTheCallersBusiness) {
  MeterWorld meter;
  meter.meter->count("shop", 2, CallOutcome::expired, 1ms);
  meter.meter->count("shop", 2, CallOutcome::rejected, 1ms);
  meter.world.run_for(5s);
  EXPECT_TRUE(meter.heard[0].empty());
}

TEST(VersionMeter, TellsOfAttemptsThatWereOutrunApartFromThoseThatEnded) {
  MeterWorld meter;
  meter.meter->count("shop", 2, CallOutcome::ok, 7ms);
  meter.meter->count_outrun("shop", 2, 60ms);
  meter.world.run_for(2100ms);
  ASSERT_EQ(meter.heard[0].size(), 1U);
  const std::vector<VersionCounts> expected{
      {2, 1, 0, {{bucket_of(7ms), 1}, {outrun_bucket_of(60ms), 1}}}};
  EXPECT_EQ(meter.heard[0][0].versions, expected);
  EXPECT_EQ(upper_edge(outrun_bucket_of(60ms)), upper_edge(bucket_of(60ms)));
}

}  // namespace
}  // namespace windtunnel::proxy
