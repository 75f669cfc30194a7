#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "models/raft/core.hpp"
#include "tests/models/raft/cluster.hpp"

namespace windtunnel::raft {
namespace {

Options plain() {
  return {.timeouts = {1, "test"}, .pre_vote = false, .check_quorum = false};
}

Cluster with_leader() {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  return cluster;
}

TEST(Reading, AnswersWithTheCommitIndexOnceAQuorumConfirmed) {
  Cluster cluster = with_leader();
  cluster.read_index(0, 77);
  EXPECT_TRUE(cluster.take_read_states().empty());
  cluster.settle();
  EXPECT_EQ(cluster.take_read_states(), (std::vector<ReadState>{{Index{1}, 77}}));
}

TEST(Reading, PassesAFollowersReadToTheLeader) {
  Cluster cluster = with_leader();
  cluster.read_index(2, 5);
  cluster.settle();
  EXPECT_EQ(cluster.take_read_states(), (std::vector<ReadState>{{Index{1}, 5}}));
}

TEST(Reading, IsNotAnsweredByALeaderThatLostItsQuorum) {
  Cluster cluster = with_leader();
  cluster.isolate(0);
  cluster.read_index(0, 77);
  cluster.tick(0);
  cluster.settle();
  EXPECT_TRUE(cluster.take_read_states().empty());
}

TEST(Reading, WaitsUntilTheLeaderHasCommittedInItsOwnTerm) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  while (!cluster.leader()) {
    for (Message& message : std::exchange(cluster.network(), {})) {
      cluster.deliver(std::move(message));
    }
    for (std::size_t n = 0; n < 3; ++n) {
      cluster.complete_write(n);
    }
  }
  cluster.read_index(0, 1);
  const std::size_t appends = cluster.network().size();
  for (const Message& message : cluster.network()) {
    EXPECT_NE(message.type, MessageType::heartbeat);
  }
  EXPECT_GT(appends, 0U);
  cluster.settle();
  EXPECT_EQ(cluster.take_read_states(), (std::vector<ReadState>{{Index{1}, 1}}));
}

TEST(Reading, ServesAllReadsBeforeAReadyWithOneRound) {
  Cluster cluster = with_leader();
  Core& core = *cluster.node(0).core;
  for (std::uint64_t context = 1; context <= 50; ++context) {
    static_cast<void>(core.read_index(context));
  }
  const Ready ready = core.ready();
  EXPECT_EQ(ready.messages.size(), 2U);
  EXPECT_EQ(ready.messages.at(0).context, 50U);
  core.step({.type = MessageType::heartbeat_response,
             .from = HostId{1},
             .to = HostId{0},
             .term = Term{1},
             .context = 50});
  EXPECT_EQ(core.ready().read_states.size(), 50U);
}

TEST(Reading, DoesNotTakeAnEarlierRoundForConfirmation) {
  Cluster cluster = with_leader();
  Core& core = *cluster.node(0).core;
  static_cast<void>(core.read_index(1));
  static_cast<void>(core.ready());
  static_cast<void>(core.read_index(2));
  static_cast<void>(core.ready());
  core.step({.type = MessageType::heartbeat_response,
             .from = HostId{1},
             .to = HostId{0},
             .term = Term{1},
             .context = 1});
  EXPECT_EQ(core.ready().read_states, (std::vector<ReadState>{{Index{1}, 1}}));
}

TEST(Reading, SaysWhenThereIsNobodyToAsk) {
  Core core{options_for(3, plain(), 1)[0], {}};
  EXPECT_EQ(core.read_index(1), ReadOutcome::no_leader);
}

TEST(Reading, OneVoterAnswersAtOnce) {
  Cluster cluster{options_for(1, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  cluster.read_index(0, 3);
  EXPECT_EQ(cluster.take_read_states(), (std::vector<ReadState>{{Index{1}, 3}}));
}

}  // namespace
}  // namespace windtunnel::raft
