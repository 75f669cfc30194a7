#include "models/raft/invariants.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::raft {
namespace {

using Stated = std::vector<std::pair<std::uint32_t, Fact>>;

/// The invariant that the last of these facts breaks; all before it must hold.
std::string broken_by(const Stated& facts) {
  Invariants invariants;
  for (std::size_t n = 0; n < facts.size(); ++n) {
    const auto breach = invariants.observe(HostId{facts[n].first}, facts[n].second);
    if (breach) {
      EXPECT_EQ(n + 1, facts.size()) << breach->what;
      EXPECT_EQ(breach->host, HostId{facts[n].first});
      return breach->invariant;
    }
  }
  return "none";
}

EntryId at(std::uint64_t term, std::uint64_t index) {
  return {Term{term}, Index{index}};
}

TEST(Invariants, HoldInAnOrdinaryLife) {
  EXPECT_EQ(broken_by({{0, VoteGranted{Term{1}, HostId{0}}},
                       {1, VoteGranted{Term{1}, HostId{0}}},
                       {0, LeaderElected{Term{1}, at(0, 0)}},
                       {0, CommitAdvanced{Term{1}, Index{2}}},
                       {0, EntryApplied{Index{1}, Term{1}, 7}},
                       {0, EntryApplied{Index{2}, Term{1}, 8}},
                       {0, Restarted{Term{1}, Index{2}, Index{0}}},
                       {0, EntryApplied{Index{1}, Term{1}, 7}},
                       {1, VoteGranted{Term{2}, HostId{1}}},
                       {1, LeaderElected{Term{2}, at(1, 2)}},
                       {1, CommitAdvanced{Term{2}, Index{3}}},
                       {1, EntryApplied{Index{1}, Term{1}, 7}}}),
            "none");
}

TEST(Invariants, FindTwoLeadersInATerm) {
  EXPECT_EQ(
      broken_by({{0, LeaderElected{Term{3}, at(1, 1)}}, {1, LeaderElected{Term{3}, at(1, 1)}}}),
      "raft.election_safety");
}

TEST(Invariants, FindASecondVoteAcrossARestart) {
  EXPECT_EQ(broken_by({{2, VoteGranted{Term{3}, HostId{0}}},
                       {2, Restarted{Term{3}, Index{0}, Index{0}}},
                       {2, VoteGranted{Term{3}, HostId{1}}}}),
            "raft.single_vote");
}

TEST(Invariants, FindAVoteInAForgottenTerm) {
  EXPECT_EQ(broken_by({{2, VoteGranted{Term{3}, HostId{0}}}, {2, VoteGranted{Term{2}, HostId{0}}}}),
            "raft.term_monotone");
}

TEST(Invariants, FindALeaderWithoutACommittedEntry) {
  const Stated before{{0, LeaderElected{Term{1}, at(0, 0)}},
                      {0, CommitAdvanced{Term{1}, Index{5}}}};
  Stated shorter = before;
  shorter.push_back({1, LeaderElected{Term{2}, at(1, 4)}});
  EXPECT_EQ(broken_by(shorter), "raft.leader_completeness");
  Stated older = before;
  older.push_back({1, LeaderElected{Term{2}, at(0, 9)}});
  EXPECT_EQ(broken_by(older), "raft.leader_completeness");
}

TEST(Invariants, FindACommitThatALaterLeaderMissed) {
  Invariants invariants;
  EXPECT_FALSE(invariants.observe(HostId{0}, LeaderElected{Term{1}, at(0, 0)}));
  EXPECT_FALSE(invariants.observe(HostId{1}, LeaderElected{Term{2}, at(1, 1)}));
  const auto breach = invariants.observe(HostId{0}, CommitAdvanced{Term{1}, Index{3}});
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->invariant, "raft.leader_completeness");
  EXPECT_EQ(breach->host, HostId{1});
}

TEST(Invariants, FindACommitThatGoesBack) {
  EXPECT_EQ(broken_by({{0, LeaderElected{Term{1}, at(0, 0)}},
                       {0, CommitAdvanced{Term{1}, Index{5}}},
                       {0, CommitAdvanced{Term{1}, Index{4}}}}),
            "raft.commit_monotone");
}

TEST(Invariants, FindACommitBySomebodyWhoDoesNotLead) {
  EXPECT_EQ(
      broken_by({{0, LeaderElected{Term{1}, at(0, 0)}}, {1, CommitAdvanced{Term{1}, Index{1}}}}),
      "raft.commit_monotone");
}

TEST(Invariants, FindDifferentEntriesAtOneIndex) {
  const Stated before{{0, LeaderElected{Term{1}, at(0, 0)}},
                      {0, CommitAdvanced{Term{1}, Index{1}}},
                      {0, EntryApplied{Index{1}, Term{1}, 7}}};
  Stated other_term = before;
  other_term.push_back({1, EntryApplied{Index{1}, Term{2}, 7}});
  EXPECT_EQ(broken_by(other_term), "raft.state_machine_safety");
  Stated other_bytes = before;
  other_bytes.push_back({1, EntryApplied{Index{1}, Term{1}, 8}});
  EXPECT_EQ(broken_by(other_bytes), "raft.state_machine_safety");
}

TEST(Invariants, FindAnEntrySkipped) {
  EXPECT_EQ(broken_by({{0, LeaderElected{Term{1}, at(0, 0)}},
                       {0, CommitAdvanced{Term{1}, Index{2}}},
                       {0, EntryApplied{Index{2}, Term{1}, 7}}}),
            "raft.applied_in_order");
}

TEST(Invariants, FindAnEntryAppliedBeforeItIsCommitted) {
  EXPECT_EQ(
      broken_by({{0, LeaderElected{Term{1}, at(0, 0)}}, {1, EntryApplied{Index{1}, Term{1}, 7}}}),
      "raft.applied_is_committed");
}

}  // namespace
}  // namespace windtunnel::raft
