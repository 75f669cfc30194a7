#include "tests/models/limit/quota_swarm.hpp"

#include <gtest/gtest.h>

namespace windtunnel::limit {
namespace {

TEST(QuotaSwarm, ExercisesWhatItClaimsTo) {
  QuotaSwarmRun total;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const QuotaSwarmRun run = run_quota_swarm(seed);
    ASSERT_EQ(run.breach, "") << "replay: quota_swarm " << seed << " " << seed;
    total.adopted += run.adopted;
    total.server_crashes += run.server_crashes;
    total.client_crashes += run.client_crashes;
    total.renewed_while_learning += run.renewed_while_learning;
    total.full += run.full;
    total.spent += run.spent;
    total.wanted += run.wanted;
    total.held += run.held;
  }
  EXPECT_GT(total.adopted, 5'000U);
  EXPECT_GT(total.server_crashes, 500U);
  EXPECT_GT(total.client_crashes, 1'000U);
  EXPECT_GT(total.renewed_while_learning, 2'000U);
  EXPECT_GT(total.full, 50'000U) << "a bound that is never approached proves nothing";
  EXPECT_GT(total.spent, 300'000U);
  EXPECT_GT(total.held, 0.7 * total.wanted) << "lending nothing is safe, too";
}

TEST(QuotaSwarm, RunsASeedTheSameWayTwice) {
  const QuotaSwarmRun first = run_quota_swarm(7);
  const QuotaSwarmRun second = run_quota_swarm(7);
  EXPECT_EQ(first.requests, second.requests);
  EXPECT_EQ(first.adopted, second.adopted);
  EXPECT_EQ(first.held, second.held);
}

}  // namespace
}  // namespace windtunnel::limit
