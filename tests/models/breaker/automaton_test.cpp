#include "tests/models/breaker/automaton.hpp"

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

TEST(BreakerAutomaton, KeepsItsInvariantsOverEverySequenceOfEightInputs) {
  const Exploration found = explore(8, Merge::equal_states);
  EXPECT_EQ(found.breach, "");
  EXPECT_GT(found.states, 10'000U);
  EXPECT_GT(found.transitions, 10'000U);
}

// That equal states have equal futures is what lets depth 12 be reached. Without it, at a depth
// that can be paid for, the same states are found.
TEST(BreakerAutomaton, ReachesTheSameStatesWithoutMergingThem) {
  for (int depth = 1; depth <= 6; ++depth) {
    const Exploration merged = explore(depth, Merge::equal_states);
    const Exploration unmerged = explore(depth, Merge::never);
    EXPECT_EQ(unmerged.breach, "") << "depth " << depth;
    EXPECT_EQ(unmerged.states, merged.states) << "depth " << depth;
    EXPECT_GE(unmerged.steps, merged.steps) << "depth " << depth;
  }
}

}  // namespace
}  // namespace windtunnel::breaker
