#include "tests/models/raft/swarm.hpp"

#include <gtest/gtest.h>

namespace windtunnel::raft {
namespace {

TEST(Swarm, KeepsEveryInvariantAndConvergesWhenHealed) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const SwarmRun run = run_swarm(seed);
    ASSERT_FALSE(run.breach) << run.breach->invariant << ": " << run.breach->what
                             << "; replay: raft_swarm " << seed << " " << seed;
  }
}

TEST(Swarm, ExercisesWhatItClaimsTo) {
  SwarmRun total;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const SwarmRun run = run_swarm(seed);
    total.elections += run.elections;
    total.acknowledged += run.acknowledged;
    total.crashes += run.crashes;
    total.reads += run.reads;
  }
  EXPECT_GT(total.elections, 200U);
  EXPECT_GT(total.acknowledged, 400U);
  EXPECT_GT(total.crashes, 200U);
  EXPECT_GT(total.reads, 400U);
}

TEST(Swarm, RunsASeedTheSameWayTwice) {
  const SwarmRun first = run_swarm(7);
  const SwarmRun second = run_swarm(7);
  EXPECT_EQ(first.elections, second.elections);
  EXPECT_EQ(first.acknowledged, second.acknowledged);
  EXPECT_EQ(first.reads, second.reads);
}

}  // namespace
}  // namespace windtunnel::raft
