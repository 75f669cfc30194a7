#include "models/breaker/bulkhead.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::breaker {
namespace {

TEST(Bulkhead, DefaultsAreEnvoys) {
  const Bulkhead bulkhead{BulkheadLimits{}};
  EXPECT_EQ(bulkhead.limit(Resource::connection), 1024U);
  EXPECT_EQ(bulkhead.limit(Resource::pending_request), 1024U);
  EXPECT_EQ(bulkhead.limit(Resource::request), 1024U);
  EXPECT_EQ(bulkhead.limit(Resource::retry), 3U);
  EXPECT_EQ(bulkhead.limit(Resource::connection_pool), UINT64_MAX);
}

TEST(Bulkhead, RefusesAtItsCapAndAdmitsAsSoonAsAPlaceIsFree) {
  Bulkhead bulkhead{BulkheadLimits{.requests = 2}};
  EXPECT_TRUE(bulkhead.admit(Resource::request));
  EXPECT_TRUE(bulkhead.admit(Resource::request));
  EXPECT_FALSE(bulkhead.admit(Resource::request));
  EXPECT_EQ(bulkhead.overflows(Resource::request), 1U);
  bulkhead.settle(Resource::request);
  EXPECT_TRUE(bulkhead.admit(Resource::request));
}

TEST(Bulkhead, GivingBackWhatWasNotTakenIsAProgrammersMistake) {
  Bulkhead bulkhead{BulkheadLimits{}};
  EXPECT_THROW(bulkhead.settle(Resource::connection), ProgrammingError);
}

// 20 % of the active and pending requests, three at least: the proto's documentation of
// RetryBudget, and the order of operations of resource_manager_impl.h.
TEST(Bulkhead, RetryBudgetFollowsTheRequestsUnderWay) {
  Bulkhead bulkhead{BulkheadLimits{.retry_budget = retry::ActiveRetryShare{}}};
  EXPECT_EQ(bulkhead.limit(Resource::retry), 3U);
  for (int request = 0; request < 12; ++request) {
    ASSERT_TRUE(bulkhead.admit(Resource::request));
  }
  for (int request = 0; request < 12; ++request) {
    ASSERT_TRUE(bulkhead.admit(Resource::pending_request));
  }
  EXPECT_EQ(bulkhead.limit(Resource::retry), 4U) << "20 % of 24, rounded down";
  for (int retry = 0; retry < 4; ++retry) {
    EXPECT_TRUE(bulkhead.admit(Resource::retry));
  }
  EXPECT_FALSE(bulkhead.admit(Resource::retry));
  for (int request = 0; request < 12; ++request) {
    bulkhead.settle(Resource::pending_request);
  }
  bulkhead.settle(Resource::retry);
  EXPECT_FALSE(bulkhead.admit(Resource::retry)) << "the budget has shrunk to the three in use";
}

TEST(Bulkhead, PrioritiesShareNothing) {
  ClusterBulkheads bulkheads{BulkheadLimits{.requests = 1}, BulkheadLimits{.requests = 1}};
  EXPECT_TRUE(bulkheads.at(RoutingPriority::normal).admit(Resource::request));
  EXPECT_FALSE(bulkheads.at(RoutingPriority::normal).admit(Resource::request));
  EXPECT_TRUE(bulkheads.at(RoutingPriority::high).admit(Resource::request));
}

TEST(Bulkhead, NeverHasMoreUnderWayThanItsCapOnAnySchedule) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "bulkhead"};
    const std::uint64_t cap = 1 + random.below(20);
    Bulkhead bulkhead{BulkheadLimits{.connections = cap}};
    std::uint64_t taken = 0;
    for (int step = 0; step < 500; ++step) {
      if (random.below(3) != 0) {
        const bool admitted = bulkhead.admit(Resource::connection);
        ASSERT_EQ(admitted, taken < cap) << "seed " << seed;
        taken += admitted ? 1U : 0U;
      } else if (taken > 0) {
        bulkhead.settle(Resource::connection);
        --taken;
      }
      ASSERT_EQ(bulkhead.in_use(Resource::connection), taken);
    }
  }
}

}  // namespace
}  // namespace windtunnel::breaker
