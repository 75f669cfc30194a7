#include <algorithm>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "models/raft/core.hpp"
#include "tests/models/raft/cluster.hpp"

namespace windtunnel::raft {
namespace {

constexpr HostId kA{0};
constexpr HostId kB{1};
constexpr HostId kC{2};

Options plain() {
  return {.timeouts = {1, "test"}, .pre_vote = false, .check_quorum = false};
}

Core core_with(Options common, PersistentState state = {}) {
  return {options_for(3, common, 1)[0], std::move(state)};
}

Message vote_request(HostId from, std::uint64_t term, EntryId last = {}) {
  return {.type = MessageType::vote, .from = from, .to = kA, .term = Term{term}, .log = last};
}

Message heartbeat(HostId from, std::uint64_t term) {
  return {.type = MessageType::heartbeat, .from = from, .to = kA, .term = Term{term}};
}

/// The only response that waits for storage.
Message durable_response(Core& core) {
  const Ready ready = core.ready();
  EXPECT_TRUE(ready.append);
  EXPECT_TRUE(ready.messages.empty());
  EXPECT_EQ(ready.append->responses.size(), 1U);
  return ready.append->responses.at(0);
}

TEST(Election, GivesOneVoteInATermAndRepeatsIt) {
  Core core = core_with(plain());
  core.step(vote_request(kB, 1));
  EXPECT_FALSE(durable_response(core).reject);
  core.step(vote_request(kC, 1));
  EXPECT_TRUE(durable_response(core).reject);
  core.step(vote_request(kB, 1));
  EXPECT_FALSE(durable_response(core).reject);
}

TEST(Election, RemembersItsVoteAcrossARestart) {
  Core core = core_with(plain(), {.hard_state = {.term = Term{4}, .vote = kB}});
  static_cast<void>(core.ready());
  core.step(vote_request(kC, 4));
  EXPECT_TRUE(durable_response(core).reject);
}

TEST(Election, PersistsTheVoteBeforeTheVoteLeaves) {
  Core core = core_with(plain());
  core.step(vote_request(kB, 3));
  const Ready ready = core.ready();
  EXPECT_TRUE(ready.messages.empty());
  ASSERT_TRUE(ready.append && ready.append->hard_state);
  EXPECT_TRUE(ready.append->must_sync);
  EXPECT_EQ(ready.append->hard_state->vote, kB);
  EXPECT_EQ(ready.append->facts, (std::vector<Fact>{VoteGranted{Term{3}, kB}}));
  EXPECT_TRUE(ready.facts.empty());
}

TEST(Election, RefusesACandidateWhoseLogIsBehind) {
  const PersistentState state{
      .hard_state = {.term = Term{2}},
      .entries = {{Term{1}, Index{1}, {}, {}}, {Term{2}, Index{2}, {}, {}}}};
  const auto refuses = [&](EntryId last) {
    Core core = core_with(plain(), state);
    static_cast<void>(core.ready());
    core.step(vote_request(kB, 3, last));
    return durable_response(core).reject;
  };
  EXPECT_TRUE(refuses({Term{2}, Index{1}}));
  EXPECT_TRUE(refuses({Term{1}, Index{9}}));
  EXPECT_FALSE(refuses({Term{2}, Index{2}}));
  EXPECT_FALSE(refuses({Term{3}, Index{1}}));
}

TEST(Election, DoesNotLeadBeforeItsOwnVoteIsDurable) {
  Core core = core_with(plain());
  core.campaign();
  const Ready ready = core.ready();
  for (const HostId voter : {kB, kC}) {
    core.step({.type = MessageType::vote_response, .from = voter, .to = kA, .term = Term{1}});
  }
  EXPECT_EQ(core.state().role, Role::candidate);
  core.step(ready.append->responses.at(0));
  EXPECT_EQ(core.state().role, Role::leader);
}

TEST(Election, ReturnsToFollowingWhenAMajorityRefuses) {
  Core core = core_with(plain());
  core.campaign();
  static_cast<void>(core.ready());
  for (const HostId voter : {kB, kC}) {
    core.step({.type = MessageType::vote_response,
               .from = voter,
               .to = kA,
               .term = Term{1},
               .reject = true});
  }
  EXPECT_EQ(core.state().role, Role::follower);
  EXPECT_EQ(core.state().term, Term{1});
}

TEST(Election, DrawsEveryTimeoutBetweenOneAndTwoElectionPeriods) {
  std::set<int> seen;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Core core{options_for(3, plain(), seed)[0], {}};
    int ticks = 0;
    for (; core.state().role == Role::follower; ++ticks) {
      core.tick();
    }
    seen.insert(ticks);
  }
  EXPECT_EQ(*seen.begin(), 10);
  EXPECT_EQ(*seen.rbegin(), 19);
  EXPECT_EQ(seen.size(), 10U);
}

TEST(Election, PreVoteLeavesTermAndVoteAlone) {
  Options options = plain();
  options.pre_vote = true;
  Core core = core_with(options);
  core.campaign();
  EXPECT_EQ(core.state().role, Role::pre_candidate);
  EXPECT_EQ(core.state().term, Term{0});
  const Ready ready = core.ready();
  ASSERT_EQ(ready.messages.size(), 2U);
  EXPECT_EQ(ready.messages[0].type, MessageType::pre_vote);
  EXPECT_EQ(ready.messages[0].term, Term{1});
  EXPECT_EQ(ready.facts, (std::vector<Fact>{CandidacyStarted{Term{1}, true}}));
}

TEST(Election, PreVoteKeepsAReturningNodeFromDeposingTheLeader) {
  Options options = plain();
  options.pre_vote = options.check_quorum = true;
  Cluster cluster{options_for(3, options, 5)};
  cluster.campaign(0);
  cluster.settle();
  ASSERT_EQ(cluster.leader(), 0U);
  cluster.isolate(2);
  for (int tick = 0; tick < 100; ++tick) {
    cluster.tick(2);
    cluster.settle();
  }
  cluster.reconnect_all();
  for (int tick = 0; tick < 30; ++tick) {
    for (std::size_t n = 0; n < 3; ++n) {
      cluster.tick(n);
      cluster.settle();
    }
  }
  EXPECT_EQ(cluster.leader(), 0U);
  EXPECT_EQ(cluster.node(0).core->state().term, Term{1});
}

TEST(Election, IgnoresVoteRequestsWhileTheLeadersLeaseRuns) {
  Options options = plain();
  options.check_quorum = true;
  Core core = core_with(options);
  core.step(heartbeat(kB, 1));
  static_cast<void>(core.ready());
  core.step(vote_request(kC, 7));
  EXPECT_EQ(core.state().term, Term{1});
  EXPECT_FALSE(core.has_ready());
  Message transfer = vote_request(kC, 7);
  transfer.transfer = true;
  core.step(transfer);
  EXPECT_EQ(core.state().term, Term{7});
  EXPECT_FALSE(durable_response(core).reject);
}

TEST(Election, ConsidersVoteRequestsOnceTheLeaseIsOver) {
  Options options = plain();
  options.check_quorum = true;
  Core core{options_for(3, options, 3)[0], {}};
  core.step(heartbeat(kB, 1));
  for (int tick = 0; tick < 10; ++tick) {
    core.tick();
  }
  static_cast<void>(core.ready());
  core.step(vote_request(kC, 7));
  EXPECT_EQ(core.state().term, Term{7});
}

TEST(Election, LeaderStepsDownWhenItHearsNoQuorum) {
  Options options = plain();
  options.check_quorum = true;
  Cluster cluster{options_for(3, options, 5)};
  cluster.campaign(0);
  cluster.settle();
  cluster.isolate(0);
  for (int tick = 0; tick < 20; ++tick) {
    cluster.tick(0);
    cluster.settle();
  }
  EXPECT_FALSE(cluster.leader());
  const Fact expected = SteppedDown{Term{1}, StepDownReason::quorum_lost};
  EXPECT_EQ(cluster.facts().back().second, expected);
}

TEST(Election, LeaderStaysWithoutAQuorumWhenNotAskedToCheck) {
  Cluster cluster{options_for(3, plain(), 5)};
  cluster.campaign(0);
  cluster.settle();
  cluster.isolate(0);
  for (int tick = 0; tick < 50; ++tick) {
    cluster.tick(0);
    cluster.settle();
  }
  EXPECT_EQ(cluster.leader(), 0U);
}

TEST(Election, AnswersAnOldLeaderWithTheNewTerm) {
  Options options = plain();
  options.check_quorum = true;
  Core core = core_with(options, {.hard_state = {.term = Term{5}}});
  static_cast<void>(core.ready());
  core.step(heartbeat(kB, 3));
  const Message response = durable_response(core);
  EXPECT_EQ(response.type, MessageType::append_response);
  EXPECT_EQ(response.term, Term{5});
}

TEST(Election, TransfersLeadershipToAFollowerThatMustCatchUp) {
  Cluster cluster{options_for(3, plain(), 5)};
  cluster.campaign(0);
  cluster.settle();
  cluster.isolate(2);
  static_cast<void>(cluster.propose(0, SharedBytes{"x"}));
  cluster.settle();
  cluster.reconnect_all();
  cluster.transfer_leadership(0, kC);
  EXPECT_EQ(cluster.propose(0, SharedBytes{"y"}).outcome, ProposalOutcome::transferring);
  cluster.tick(0);
  cluster.settle();
  EXPECT_EQ(cluster.leader(), 2U);
  EXPECT_EQ(cluster.node(2).core->state().term, Term{2});
  EXPECT_FALSE(cluster.breach());
}

TEST(Election, GivesUpATransferAfterAnElectionTimeout) {
  Cluster cluster{options_for(3, plain(), 5)};
  cluster.campaign(0);
  cluster.settle();
  cluster.isolate(2);
  cluster.transfer_leadership(0, kC);
  for (int tick = 0; tick < 10; ++tick) {
    cluster.tick(0);
  }
  EXPECT_EQ(cluster.propose(0, SharedBytes{"y"}).outcome, ProposalOutcome::accepted);
}

TEST(Election, OneVoterElectsItselfOnceItsVoteIsDurable) {
  Cluster cluster{options_for(1, plain(), 5)};
  cluster.campaign(0);
  EXPECT_FALSE(cluster.leader());
  cluster.settle();
  EXPECT_EQ(cluster.leader(), 0U);
  EXPECT_EQ(cluster.node(0).applied.size(), 1U);
}

TEST(Election, IgnoresStrangers) {
  Core core = core_with(plain());
  core.step(vote_request(HostId{9}, 4));
  EXPECT_EQ(core.state().term, Term{0});
  EXPECT_FALSE(core.has_ready());
}

}  // namespace
}  // namespace windtunnel::raft
