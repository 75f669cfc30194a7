#include "models/health/suspicion.hpp"

#include <gtest/gtest.h>

#include "models/health/swim_options.hpp"

namespace windtunnel::health {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// memberlist's suspicion_test.go, TestSuspicion_remainingSuspicionTime, elapsed time added back.
TEST(Suspicion, FollowsMemberlistsTableOfRemainingTimes) {
  const auto time = [](std::uint32_t confirmations) {
    return suspicion_time(confirmations, 3, seconds{2}, seconds{30});
  };
  EXPECT_EQ(time(0), seconds{30});
  EXPECT_EQ(time(1), seconds{14 + 2});
  EXPECT_EQ(time(2), milliseconds{4810 + 3000});
  EXPECT_EQ(time(3), seconds{-2 + 4});
  EXPECT_EQ(time(4), seconds{-3 + 5});
  EXPECT_EQ(time(5), seconds{-8 + 10});
}

// memberlist's util_test.go, TestSuspicionTimeout and TestRetransmitLimit.
TEST(Suspicion, TheShortestTimeGrowsWithTheLogarithmOfTheGroup) {
  const auto thousandths = [](std::size_t members) {
    return swim_suspicion_timeout(3, members, seconds{1}) / 3 / milliseconds{1};
  };
  EXPECT_EQ(thousandths(5), 1000);
  EXPECT_EQ(thousandths(10), 1000);
  EXPECT_EQ(thousandths(50), 1698);
  EXPECT_EQ(thousandths(100), 2000);
  EXPECT_EQ(thousandths(500), 2698);
  EXPECT_EQ(thousandths(1000), 3000);
  EXPECT_EQ(swim_retransmit_limit(3, 0), 0U);
  EXPECT_EQ(swim_retransmit_limit(3, 1), 3U);
  EXPECT_EQ(swim_retransmit_limit(3, 99), 6U);
}

// memberlist's util_test.go, TestPushPullScale.
TEST(Suspicion, PushPullSlowsDownWithEachDoublingAbove32) {
  EXPECT_EQ(swim_push_pull_scale(32), 1U);
  EXPECT_EQ(swim_push_pull_scale(33), 2U);
  EXPECT_EQ(swim_push_pull_scale(64), 2U);
  EXPECT_EQ(swim_push_pull_scale(65), 3U);
  EXPECT_EQ(swim_push_pull_scale(128), 3U);
}

TEST(Suspicion, EachMemberConfirmsOnceAndTheAccuserNever) {
  Suspicion suspicion(Instant{}, HostId{1}, 3, seconds{2}, seconds{30});
  EXPECT_FALSE(suspicion.confirm(HostId{1}));
  EXPECT_TRUE(suspicion.confirm(HostId{2}));
  EXPECT_FALSE(suspicion.confirm(HostId{2}));
  EXPECT_EQ(suspicion.deadline(), Instant{} + seconds{16});
  EXPECT_TRUE(suspicion.confirm(HostId{3}));
  EXPECT_TRUE(suspicion.confirm(HostId{4}));
  EXPECT_FALSE(suspicion.confirm(HostId{5}));
  EXPECT_EQ(suspicion.deadline(), Instant{} + seconds{2});
}

TEST(Suspicion, WhereNobodyCanConfirmItIsAsShortAsItGets) {
  const Suspicion suspicion(Instant{}, HostId{1}, 0, seconds{2}, seconds{30});
  EXPECT_EQ(suspicion.deadline(), Instant{} + seconds{2});
}

}  // namespace
}  // namespace windtunnel::health
