#include "models/limit/concurrency_limit.hpp"

#include <gtest/gtest.h>

#include "models/limit/dry_run.hpp"
#include "models/limit/token_bucket.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

TEST(ConcurrencyLimit, KeepsItsReserveForCriticalRequests) {
  // Stripe's figures: 20 at once, a fifth of them for critical requests.
  ConcurrencyLimit limit{20, 4};
  std::uint32_t ordinary = 0;
  while (limit.admit()) {
    ++ordinary;
  }
  EXPECT_EQ(ordinary, 16U);
  EXPECT_TRUE(limit.admit(4, Priority::critical));
  EXPECT_FALSE(limit.admit(1, Priority::critical));
}

TEST(ConcurrencyLimit, NeverHasMoreUnderWayThanItsLimit) {
  RandomStream random{1, "concurrency"};
  ConcurrencyLimit limit{10, 3};
  std::uint32_t active = 0;
  for (int step = 0; step < 100'000; ++step) {
    const auto n = static_cast<std::uint32_t>(1 + random.below(4));
    if (random.below(2) == 0) {
      const Priority priority = random.below(3) == 0 ? Priority::critical : Priority::ordinary;
      const std::uint32_t room = priority == Priority::critical ? 10 : 7;
      const bool admitted = limit.admit(n, priority);
      ASSERT_EQ(admitted, active + n <= room);
      active += admitted ? n : 0;
    } else if (n <= active) {
      limit.settle(n);
      active -= n;
    }
    ASSERT_EQ(limit.active(), active);
  }
}

TEST(ConcurrencyLimit, LetsFinishWhatALowerLimitWouldNotAdmit) {
  ConcurrencyLimit limit{10};
  ASSERT_TRUE(limit.admit(8));
  limit.set_limit(5);
  EXPECT_FALSE(limit.admit());
  limit.settle(4);
  EXPECT_TRUE(limit.admit());
  EXPECT_THROW(limit.settle(6), ProgrammingError);
}

TEST(DryRun, PassesEverythingAndCountsWhatItWouldRefuse) {
  DryRun<TokenBucket> trial{TokenBucket{Rate::per_second(1), 3, Instant{}}};
  TokenBucket enforced{Rate::per_second(1), 3, Instant{}};
  for (int request = 0; request < 10; ++request) {
    EXPECT_EQ(trial.admit(Instant{}, 1U), Decision::pass());
    EXPECT_EQ(trial.verdict(), enforced.admit(Instant{}));
  }
  EXPECT_EQ(trial.would_admit(), 3U);
  EXPECT_EQ(trial.would_refuse(), 7U);
}

}  // namespace
}  // namespace windtunnel::limit
