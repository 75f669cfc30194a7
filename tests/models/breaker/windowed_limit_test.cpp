#include "models/breaker/windowed_limit.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/breaker/recording_limit.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(WindowedLimit, PassesOnMeanRttMostInFlightAndWhetherAnythingWasDropped) {
  std::vector<LimitSample> told;
  WindowedLimit limit{{}, std::make_unique<RecordingLimit>(told)};
  const auto observe = [&](Duration started, Duration rtt, std::uint32_t in_flight, bool dropped) {
    limit.observe({Instant{started}, rtt, in_flight, dropped});
  };
  observe(milliseconds{0}, milliseconds{10}, 1, false);  // Alone in the window that it ends.
  EXPECT_TRUE(told.empty()) << "one sample is fewer than ten";
  for (int call = 0; call < 9; ++call) {
    observe(milliseconds{100 * call}, milliseconds{10 + call}, 5, call == 3);
  }
  observe(milliseconds{900}, microseconds{99}, 90, true);
  EXPECT_TRUE(told.empty());
  observe(milliseconds{1000}, milliseconds{24}, 7, false);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].rtt, milliseconds{15}) << "126 ms of nine and 24 ms, without what is too short";
  EXPECT_EQ(told[0].in_flight, 7U);
  EXPECT_TRUE(told[0].dropped);
}

TEST(WindowedLimit, SkipsWindowsWithFewSamples) {
  std::vector<LimitSample> told;
  WindowedLimit limit{{}, std::make_unique<RecordingLimit>(told)};
  for (int call = 0; call < 50; ++call) {
    limit.observe({Instant{milliseconds{300 * call}}, milliseconds{10}, 1, false});
  }
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace windtunnel::breaker
