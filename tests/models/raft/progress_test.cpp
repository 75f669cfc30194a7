#include "models/raft/progress.hpp"

#include <gtest/gtest.h>

#include "runtime/check.hpp"

namespace windtunnel::raft {
namespace {

Progress replicating(std::uint32_t inflight_max, std::uint64_t match) {
  Progress progress{inflight_max};
  progress.reset({}, Index{match + 1});
  EXPECT_TRUE(progress.update_match(Index{match}));
  progress.become_replicate();
  return progress;
}

TEST(Inflights, FreesInOrderAcrossTheRingsEnd) {
  Inflights window{2};
  window.add(Index{1});
  window.add(Index{4});
  window.free_through(Index{3});
  window.add(Index{6});
  EXPECT_TRUE(window.is_full());
  EXPECT_THROW(window.add(Index{7}), ProgrammingError);
  window.free_through(Index{6});
  EXPECT_EQ(window.count(), 0U);
}

TEST(Progress, SendsOneProbeUntilItIsHeardFrom) {
  Progress progress{4};
  progress.reset({}, Index{8});
  progress.sent_entries(3);
  EXPECT_TRUE(progress.is_paused());
  EXPECT_EQ(progress.next(), Index{8});
  progress.resume();
  EXPECT_FALSE(progress.is_paused());
}

TEST(Progress, PipelinesUntilTheWindowIsFull) {
  Progress progress = replicating(2, 5);
  progress.sent_entries(1);
  EXPECT_FALSE(progress.is_paused());
  progress.sent_entries(3);
  EXPECT_TRUE(progress.is_paused());
  EXPECT_EQ(progress.next(), Index{10});
  EXPECT_TRUE(progress.update_match(Index{6}));
  progress.free_inflights_through(Index{6});
  EXPECT_FALSE(progress.inflights().is_full());
}

TEST(Progress, IgnoresRefusalsOfWhatWasAcceptedSince) {
  Progress progress = replicating(4, 5);
  EXPECT_FALSE(progress.back_up(Index{5}, Index{2}));
  EXPECT_TRUE(progress.back_up(Index{7}, Index{2}));
  EXPECT_EQ(progress.next(), Index{6});
}

TEST(Progress, BacksUpToTheHintButNeverBelowWhatMatches) {
  Progress progress{4};
  progress.reset(Index{2}, Index{20});
  EXPECT_FALSE(progress.back_up(Index{10}, Index{5}));
  EXPECT_TRUE(progress.back_up(Index{19}, Index{5}));
  EXPECT_EQ(progress.next(), Index{6});
  EXPECT_TRUE(progress.back_up(Index{5}, Index{0}));
  EXPECT_EQ(progress.next(), Index{3});
}

TEST(Progress, TellsACommitIndexOnceAndNotBeyondWhatIsSent) {
  Progress progress = replicating(4, 5);
  EXPECT_TRUE(progress.can_bump_commit(Index{3}));
  progress.sent_commit(Index{5});
  EXPECT_FALSE(progress.can_bump_commit(Index{9}));
}

}  // namespace
}  // namespace windtunnel::raft
