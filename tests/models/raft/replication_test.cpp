#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "models/raft/core.hpp"
#include "tests/models/raft/cluster.hpp"

namespace windtunnel::raft {
namespace {

Options plain() {
  return {.timeouts = {1, "test"}, .pre_vote = false, .check_quorum = false};
}

/// A log whose entries have these terms, found on disk by a node that last was in `term`.
PersistentState state_of(std::uint64_t term, const std::vector<std::uint64_t>& terms) {
  PersistentState state{.hard_state = {.term = Term{term}}};
  for (const std::uint64_t each : terms) {
    const Index next{state.entries.size() + 1};
    state.entries.push_back(
        {Term{each}, next, EntryKind::command, SharedBytes{"t" + std::to_string(each)}});
  }
  return state;
}

std::vector<std::uint64_t> terms_on_disk(const Cluster& cluster, std::size_t n) {
  std::vector<std::uint64_t> terms;
  for (const Entry& entry : cluster.node(n).storage.durable.entries) {
    terms.push_back(entry.term.value());
  }
  return terms;
}

/// Delivers what waits in the network and `wanted` accepts, drops the rest, and lets storage
/// finish; until silence.
template <typename Wanted>
void settle_only(Cluster& cluster, const Wanted& wanted) {
  for (bool busy = true; busy;) {
    busy = false;
    for (Message& message : std::exchange(cluster.network(), {})) {
      if (wanted(message)) {
        cluster.deliver(std::move(message));
        busy = true;
      }
    }
    for (std::size_t n = 0; n < cluster.size(); ++n) {
      while (cluster.is_up(n) && (cluster.complete_write(n) || cluster.complete_apply(n))) {
        busy = true;
      }
    }
  }
}

/// Raft paper, Figure 8, at (c): S1 leads term 4 with index 2 of term 2 on a majority; S5 holds
/// index 2 of term 3.
Cluster figure_8(bool own_term_reaches_majority) {
  Options options = plain();
  options.max_entries_per_append = 1;
  Cluster cluster{options_for(5, options, 1),
                  {state_of(3, {1, 2}), state_of(3, {1, 2}), state_of(3, {1}), state_of(3, {1}),
                   state_of(3, {1, 3})}};
  cluster.isolate(3);
  cluster.isolate(4);
  cluster.campaign(0);
  // An own entry is lost where it would be accepted; its refusals are what brings S3 the entry of
  // term 2.
  settle_only(cluster, [&](const Message& message) {
    const bool is_own_entry = !message.entries.empty() && message.entries.front().term == Term{4};
    const Log& receiver = cluster.node(message.to.value()).core->log();
    return own_term_reaches_majority || !is_own_entry || !receiver.contains(message.log);
  });
  cluster.reconnect_all();
  return cluster;
}

/// S5 missed term 4, in which it cannot win any more.
void campaign_in_term_5(Cluster& cluster) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    cluster.campaign(4);
    cluster.settle();
  }
  EXPECT_EQ(cluster.node(4).core->state().term, Term{5});
}

TEST(Replication, CommitsNoEntryOfAnEarlierTermByCountingAsInFigure8) {
  Cluster cluster = figure_8(false);
  ASSERT_EQ(cluster.leader(), 0U);
  EXPECT_EQ(terms_on_disk(cluster, 2), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_EQ(cluster.node(0).core->state().commit, Index{0});

  cluster.crash(0, 0);
  campaign_in_term_5(cluster);
  EXPECT_EQ(cluster.leader(), 4U);
  EXPECT_EQ(terms_on_disk(cluster, 2), (std::vector<std::uint64_t>{1, 3, 5}));
  EXPECT_FALSE(cluster.breach());
}

TEST(Replication, CommitsEarlierTermsTogetherWithAnOwnEntryAsInFigure8) {
  Cluster cluster = figure_8(true);
  ASSERT_EQ(cluster.leader(), 0U);
  EXPECT_EQ(cluster.node(0).core->state().commit, Index{3});

  cluster.crash(0, 0);
  campaign_in_term_5(cluster);
  EXPECT_FALSE(cluster.leader());
  EXPECT_EQ(terms_on_disk(cluster, 2), (std::vector<std::uint64_t>{1, 2, 4}));
}

TEST(Replication, BringsEveryFollowerOfFigure7ToTheLeadersLog) {
  const std::vector<std::uint64_t> leader{1, 1, 1, 4, 4, 5, 5, 6, 6, 6};
  Options options = plain();
  Cluster cluster{
      options_for(7, options, 1),
      {state_of(7, leader), state_of(7, {1, 1, 1, 4, 4, 5, 5, 6, 6}), state_of(7, {1, 1, 1, 4}),
       state_of(7, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6}),
       state_of(7, {1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7}), state_of(7, {1, 1, 1, 4, 4, 4, 4}),
       state_of(7, {1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3})}};
  cluster.campaign(0);
  cluster.settle();
  ASSERT_EQ(cluster.leader(), 0U);
  std::vector<std::uint64_t> expected = leader;
  expected.push_back(8);
  for (std::size_t n = 0; n < 7; ++n) {
    EXPECT_EQ(terms_on_disk(cluster, n), expected) << "node " << n;
  }
  // The leader learns of a commit and tells it with the next append or heartbeat.
  EXPECT_EQ(cluster.node(6).applied.size(), expected.size());
  EXPECT_FALSE(cluster.breach());
}

TEST(Replication, BacksUpOneTermInARoundTrip) {
  // 100 entries of each of three terms that the leader does not have.
  std::vector<std::uint64_t> other{1};
  for (const std::uint64_t term : {2U, 3U, 4U}) {
    other.insert(other.end(), 100, term);
  }
  std::vector<std::uint64_t> leader{1};
  leader.insert(leader.end(), 300, 5);
  Cluster cluster{options_for(3, plain(), 1),
                  {state_of(5, leader), state_of(5, leader), state_of(5, other)}};
  cluster.campaign(0);
  int rejections = 0;
  settle_only(cluster, [&](const Message& message) {
    rejections += message.type == MessageType::append_response && message.reject ? 1 : 0;
    return true;
  });
  EXPECT_EQ(terms_on_disk(cluster, 2), terms_on_disk(cluster, 0));
  EXPECT_LE(rejections, 2);
}

TEST(Replication, AcknowledgesAnAppendOnlyWhenItIsDurable) {
  Core core{options_for(3, plain(), 1)[1], {}};
  core.step({.type = MessageType::append,
             .from = HostId{0},
             .to = HostId{1},
             .term = Term{1},
             .entries = {{Term{1}, Index{1}, EntryKind::command, SharedBytes{"x"}}}});
  const Ready ready = core.ready();
  EXPECT_TRUE(ready.messages.empty());
  ASSERT_TRUE(ready.append);
  EXPECT_TRUE(ready.append->must_sync);
  ASSERT_EQ(ready.append->responses.size(), 2U);
  EXPECT_EQ(ready.append->responses[0].type, MessageType::append_response);
  EXPECT_EQ(ready.append->responses[0].to, HostId{0});
  EXPECT_EQ(ready.append->responses[1].type, MessageType::storage_append_response);
}

TEST(Replication, AppliesNothingThatIsNotDurableHere) {
  Core core{options_for(3, plain(), 1)[1], {}};
  core.step({.type = MessageType::append,
             .from = HostId{0},
             .to = HostId{1},
             .term = Term{1},
             .commit = Index{1},
             .entries = {{Term{1}, Index{1}, EntryKind::command, SharedBytes{"x"}}}});
  const Ready ready = core.ready();
  EXPECT_FALSE(ready.apply);
  EXPECT_EQ(core.state().commit, Index{1});
  core.step(ready.append->responses.at(1));
  const Ready next = core.ready();
  ASSERT_TRUE(next.apply);
  EXPECT_EQ(next.apply->entries.at(0).data.view(), "x");
}

TEST(Replication, IgnoresAStorageAnswerFromBeforeATermChange) {
  const auto append = [](std::uint64_t term) {
    return Message{.type = MessageType::append,
                   .from = HostId{term == 2 ? 2U : 0U},
                   .to = HostId{1},
                   .term = Term{term},
                   .entries = {{Term{term == 2 ? 2U : 1U}, Index{1}, EntryKind::command, {}}}};
  };
  // The same entry comes, is replaced, and comes again: the first write's answer says nothing about
  // the last.
  Core core{options_for(3, plain(), 1)[1], {}};
  core.step(append(1));
  const Ready first = core.ready();
  core.step(append(2));
  const Ready second = core.ready();
  core.step(append(3));
  const Ready third = core.ready();
  core.step(first.append->responses.back());
  core.step(second.append->responses.back());
  EXPECT_EQ(core.log().stable(), Index{0});
  core.step(third.append->responses.back());
  EXPECT_EQ(core.log().stable(), Index{1});
}

TEST(Replication, LeaderCountsItselfOnlyWhenDurable) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  const Index before = cluster.node(0).core->state().commit;
  cluster.isolate(2);
  static_cast<void>(cluster.propose(0, SharedBytes{"x"}));
  for (Message& message : std::exchange(cluster.network(), {})) {
    cluster.deliver(std::move(message));
  }
  while (cluster.complete_write(1)) {
  }
  for (Message& message : std::exchange(cluster.network(), {})) {
    cluster.deliver(std::move(message));
  }
  EXPECT_EQ(cluster.node(0).core->state().commit, before);
  cluster.complete_write(0);
  while (cluster.complete_write(0)) {
  }
  EXPECT_EQ(cluster.node(0).core->state().commit, before.next());
}

TEST(Replication, CommitsWithoutTheLeadersOwnDiskWhenOthersAreAMajority) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  const Proposal proposal = cluster.propose(0, SharedBytes{"x"});
  for (Message& message : std::exchange(cluster.network(), {})) {
    cluster.deliver(std::move(message));
  }
  for (const std::size_t n : {1U, 2U}) {
    while (cluster.complete_write(n)) {
    }
  }
  for (Message& message : std::exchange(cluster.network(), {})) {
    cluster.deliver(std::move(message));
  }
  EXPECT_EQ(cluster.node(0).core->state().commit, proposal.last.index);
  EXPECT_LT(cluster.node(0).core->log().stable(), proposal.last.index);
}

TEST(Replication, SendsABatchInOneMessage) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  Core& core = *cluster.node(0).core;
  std::vector<SharedBytes> batch(10, SharedBytes{"x"});
  EXPECT_EQ(core.propose(batch).last.index, Index{11});
  const Ready ready = core.ready();
  ASSERT_EQ(ready.messages.size(), 2U);
  EXPECT_EQ(ready.messages[0].entries.size(), 10U);
}

TEST(Replication, PipelinesUpToTheWindowAndResumesWhenAcknowledged) {
  Options options = plain();
  options.inflight_max = 3;
  Cluster cluster{options_for(3, options, 1)};
  cluster.campaign(0);
  cluster.settle();
  cluster.isolate(2);
  for (int n = 0; n < 8; ++n) {
    static_cast<void>(cluster.propose(0, SharedBytes{"x"}));
  }
  const auto to_b =
      std::count_if(cluster.network().begin(), cluster.network().end(), [](const Message& message) {
        return message.to == HostId{1} && message.type == MessageType::append;
      });
  EXPECT_EQ(to_b, 3);
  cluster.settle();
  EXPECT_EQ(cluster.node(0).core->state().commit, Index{9});
}

TEST(Replication, ProbesAFollowerReportedUnreachable) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  Core& core = *cluster.node(0).core;
  EXPECT_EQ(core.peers()[1].progress.state(), ProgressState::replicate);
  core.report_unreachable(HostId{1});
  EXPECT_EQ(core.peers()[1].progress.state(), ProgressState::probe);
  cluster.tick(0);
  cluster.settle();
  EXPECT_EQ(core.peers()[1].progress.state(), ProgressState::replicate);
}

TEST(Replication, RefusesProposalsOverTheUncommittedLimitButTakesAFirst) {
  Options options = plain();
  options.uncommitted_bytes_max = 10;
  Cluster cluster{options_for(3, options, 1)};
  cluster.campaign(0);
  cluster.settle();
  EXPECT_EQ(cluster.propose(0, SharedBytes{std::string(100, 'x')}).outcome,
            ProposalOutcome::accepted);
  EXPECT_EQ(cluster.propose(0, SharedBytes{"x"}).outcome, ProposalOutcome::over_limit);
  cluster.settle();
  EXPECT_EQ(cluster.propose(0, SharedBytes{"x"}).outcome, ProposalOutcome::accepted);
}

TEST(Replication, FollowersNameTheLeaderInsteadOfTakingProposals) {
  Cluster cluster{options_for(3, plain(), 1)};
  EXPECT_EQ(cluster.propose(1, SharedBytes{"x"}).leader, std::nullopt);
  cluster.campaign(0);
  cluster.settle();
  const Proposal proposal = cluster.propose(1, SharedBytes{"x"});
  EXPECT_EQ(proposal.outcome, ProposalOutcome::not_leader);
  EXPECT_EQ(proposal.leader, HostId{0});
}

TEST(Replication, AppliesTheSameAgainAfterARestart) {
  Cluster cluster{options_for(3, plain(), 1)};
  cluster.campaign(0);
  cluster.settle();
  for (const char* const data : {"a", "b"}) {
    static_cast<void>(cluster.propose(0, SharedBytes{data}));
    cluster.settle();
  }
  const std::vector<Entry> before = cluster.node(1).applied;
  ASSERT_EQ(before.size(), 3U);
  cluster.crash(1, 0);
  cluster.restart(1);
  cluster.tick(0);
  cluster.settle();
  EXPECT_EQ(cluster.node(1).applied, before);
  EXPECT_FALSE(cluster.breach());
}

TEST(Replication, IgnoresAnAppendWithAGap) {
  Core core{options_for(3, plain(), 1)[1], {}};
  core.step({.type = MessageType::append,
             .from = HostId{0},
             .to = HostId{1},
             .term = Term{1},
             .entries = {{Term{1}, Index{2}, EntryKind::command, {}}}});
  EXPECT_EQ(core.log().last_index(), Index{0});
}

TEST(Replication, SynchronousStorageNeedsOneReadyForAppendAndApply) {
  Options options = plain();
  options.storage = StorageMode::synchronous;
  Core core{options_for(1, options, 1)[0], {}};
  core.campaign();
  while (core.has_ready()) {
    static_cast<void>(core.ready());
    core.advance();
  }
  EXPECT_EQ(core.state().role, Role::leader);
  EXPECT_EQ(core.state().applied, Index{1});
}

}  // namespace
}  // namespace windtunnel::raft
