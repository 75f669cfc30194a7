#include "models/breaker/concurrency_limiter.hpp"

#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "models/breaker/partitioned_limiter.hpp"
#include "runtime/random.hpp"
#include "tests/models/breaker/recording_limit.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;

TEST(ConcurrencyLimiter, RefusesAtTheLimitAndReportsWhatWasUnderWay) {
  std::vector<LimitSample> told;
  ConcurrencyLimiter limiter{std::make_unique<RecordingLimit>(told)};
  std::vector<LimitPermit> permits;
  for (int call = 0; call < 10; ++call) {
    const auto permit = limiter.admit(Instant{milliseconds{call}});
    ASSERT_TRUE(permit.has_value());
    permits.push_back(*permit);
  }
  EXPECT_FALSE(limiter.admit(Instant{milliseconds{10}}).has_value());
  EXPECT_EQ(limiter.refused(), 1U);
  limiter.settle(Instant{milliseconds{20}}, permits[9], LimitOutcome::succeeded);
  limiter.settle(Instant{milliseconds{20}}, permits[0], LimitOutcome::dropped);
  limiter.settle(Instant{milliseconds{20}}, permits[1], LimitOutcome::ignored);
  EXPECT_EQ(limiter.in_flight(), 7U);
  ASSERT_EQ(told.size(), 2U);
  EXPECT_EQ(told[0].rtt, milliseconds{11});
  EXPECT_EQ(told[0].in_flight, 10U);
  EXPECT_FALSE(told[0].dropped);
  EXPECT_EQ(told[1].rtt, milliseconds{20});
  EXPECT_EQ(told[1].in_flight, 1U);
  EXPECT_TRUE(told[1].dropped);
}

TEST(PartitionedLimiter, LendsOutWhatIsSpareAndKeepsWhatIsGuaranteed) {
  std::vector<LimitSample> told;
  PartitionedLimiter limiter{std::make_unique<RecordingLimit>(told), {0.9, 0.1}};
  const PartitionId live{0};
  const PartitionId batch{1};
  const Instant now{};
  EXPECT_EQ(limiter.guaranteed(now, live), 9U);
  EXPECT_EQ(limiter.guaranteed(now, batch), 1U);
  for (int call = 0; call < 10; ++call) {
    ASSERT_TRUE(limiter.admit(now, batch).has_value()) << "nobody else wants it";
  }
  EXPECT_FALSE(limiter.admit(now, batch).has_value());
  std::vector<PartitionedPermit> permits;
  for (int call = 0; call < 9; ++call) {
    const auto permit = limiter.admit(now, live);
    ASSERT_TRUE(permit.has_value()) << "its share is free whatever the other does";
    permits.push_back(*permit);
  }
  EXPECT_FALSE(limiter.admit(now, live).has_value());
  EXPECT_EQ(limiter.in_flight(), 19U);
  limiter.settle(now + milliseconds{5}, permits[0], LimitOutcome::dropped);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].in_flight, 11U);
  EXPECT_TRUE(told[0].dropped);
  EXPECT_FALSE(limiter.admit(now, batch).has_value());
  EXPECT_TRUE(limiter.admit(now, live).has_value());
}

// The guarantee on any schedule: a partition below its share is never refused, and what is under
// way exceeds the limit by no more than all shares together.
TEST(PartitionedLimiter, NeverRefusesAPartitionBelowItsShare) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "partitions"};
    std::vector<LimitSample> told;
    PartitionedLimiter limiter{std::make_unique<RecordingLimit>(told), {0.5, 0.3, 0.2}};
    std::vector<PartitionedPermit> permits;
    for (int step = 0; step < 500; ++step) {
      const PartitionId partition{static_cast<std::uint32_t>(random.below(3))};
      if (random.below(2) == 0 || permits.empty()) {
        const bool below = limiter.in_flight(partition) < limiter.guaranteed(Instant{}, partition);
        const bool spare = limiter.in_flight() < limiter.limit(Instant{});
        const auto permit = limiter.admit(Instant{}, partition);
        ASSERT_EQ(permit.has_value(), below || spare) << "seed " << seed;
        if (permit) {
          permits.push_back(*permit);
        }
      } else {
        limiter.settle(Instant{}, permits.back(), LimitOutcome::succeeded);
        permits.pop_back();
      }
      ASSERT_LE(limiter.in_flight(), 20U);
    }
  }
}

}  // namespace
}  // namespace windtunnel::breaker
