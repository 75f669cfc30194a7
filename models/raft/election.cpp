#include <algorithm>

#include "models/raft/core.hpp"
#include "runtime/check.hpp"

namespace windtunnel::raft {

void Core::reset(Term term) {
  if (term_ != term) {
    term_ = term;
    vote_.reset();
  }
  leader_.reset();
  transferee_.reset();
  election_elapsed_ = 0;
  heartbeat_elapsed_ = 0;
  election_timeout_ = options_.election_ticks +
                      static_cast<std::uint32_t>(options_.timeouts.below(options_.election_ticks));
  uncommitted_bytes_ = 0;
  reads_ = ReadQueue{};
  read_round_due_ = false;
  const Index last = log_.last_index();
  for (Peer& peer : peers_) {
    // Own entries count as matched before they are durable: they are of earlier terms, which are
    // never counted.
    peer.progress.reset(peer.id == options_.id ? last : Index{}, last.next());
    peer.vote.reset();
    peer.recently_active = false;
    peer.reads_confirmed = 0;
  }
}

void Core::become_follower(Term term, std::optional<HostId> leader) {
  if (role_ == Role::leader) {
    facts_.emplace_back(SteppedDown{
        term_, term > term_ ? StepDownReason::higher_term : StepDownReason::quorum_lost});
  }
  reset(term);
  role_ = Role::follower;
  leader_ = leader;
}

void Core::become_candidate() {
  reset(term_.next());
  role_ = Role::candidate;
  vote_ = options_.id;
  facts_when_durable_.emplace_back(VoteGranted{term_, options_.id});
}

void Core::become_pre_candidate() {
  // Nothing is given up yet: neither term nor vote changes, and the election clock runs on.
  role_ = Role::pre_candidate;
  leader_.reset();
  for (Peer& peer : peers_) {
    peer.vote.reset();
  }
}

void Core::become_leader() {
  check(role_ == Role::candidate, "only a candidate can be elected");
  const EntryId last = log_.last();
  reset(term_);
  role_ = Role::leader;
  leader_ = options_.id;
  self().progress.become_replicate();
  self().recently_active = true;
  facts_.emplace_back(LeaderElected{term_, last});
  // What earlier leaders left behind becomes committed only together with an entry of the own term
  // (Raft paper §5.4.2).
  append_own(EntryKind::barrier, SharedBytes{});
  acknowledge_own();
}

void Core::campaign() {
  start_election(options_.pre_vote ? Election::pre_vote : Election::vote);
}

void Core::start_election(Election kind) {
  if (role_ == Role::leader) {
    return;
  }
  const bool pre_vote = kind == Election::pre_vote;
  if (pre_vote) {
    become_pre_candidate();
  } else {
    become_candidate();
  }
  const Term term = pre_vote ? term_.next() : term_;
  facts_.emplace_back(CandidacyStarted{term, pre_vote});
  for (const Peer& peer : peers_) {
    if (peer.id == options_.id) {
      // The own vote is counted like any other: when it is durable and comes back.
      send_when_durable(
          {.type = pre_vote ? MessageType::pre_vote_response : MessageType::vote_response,
           .to = peer.id,
           .term = term});
    } else {
      send({.type = pre_vote ? MessageType::pre_vote : MessageType::vote,
            .to = peer.id,
            .term = term,
            .log = log_.last(),
            .transfer = kind == Election::transfer});
    }
  }
}

void Core::handle_vote_request(const Message& message) {
  const bool pre_vote = message.type == MessageType::pre_vote;
  const bool may_vote =
      vote_ == message.from || (!vote_ && !leader_) || (pre_vote && message.term > term_);
  const bool granted = may_vote && log_.is_covered_by(message.log);
  // A grant carries the request's term: a pre-vote's lies ahead of this node's, which stays where
  // it is.
  send_when_durable({.type = pre_vote ? MessageType::pre_vote_response : MessageType::vote_response,
                     .to = message.from,
                     .term = granted ? message.term : term_,
                     .reject = !granted});
  if (!granted || pre_vote) {
    return;
  }
  election_elapsed_ = 0;
  if (vote_ != message.from) {
    vote_ = message.from;
    facts_when_durable_.emplace_back(VoteGranted{term_, message.from});
  }
}

void Core::handle_vote_response(const Message& message) {
  Peer& voter = *find_peer(message.from);
  if (!voter.vote) {
    voter.vote = !message.reject;
  }
  const auto count = [this](bool answer) {
    return static_cast<std::size_t>(std::count_if(
        peers_.begin(), peers_.end(), [answer](const Peer& p) { return p.vote == answer; }));
  };
  const VoteResult result = vote_result(peers_.size(), count(true), count(false));
  if (result == VoteResult::lost) {
    become_follower(term_, std::nullopt);
    return;
  }
  // Others may elect this node before its own vote is durable. If it led and crashed then, it could
  // forget the term, win it again, and put other entries where the first ones stand under the same
  // ids.
  const bool own_vote_is_durable = self().vote.has_value();
  if (result == VoteResult::pending || !own_vote_is_durable) {
    return;
  }
  if (role_ == Role::pre_candidate) {
    start_election(Election::vote);
  } else {
    become_leader();
    broadcast_append();
  }
}

TransferOutcome Core::transfer_leadership(HostId to) {
  if (role_ != Role::leader) {
    return TransferOutcome::not_leader;
  }
  Peer* const peer = find_peer(to);
  if (peer == nullptr) {
    return TransferOutcome::no_such_voter;
  }
  if (to == options_.id) {
    return TransferOutcome::already_leading;
  }
  // It has one election timeout to succeed, counted from here (Raft thesis §3.10).
  election_elapsed_ = 0;
  transferee_ = to;
  if (peer->progress.match() == log_.last_index()) {
    send({.type = MessageType::timeout_now, .to = to, .term = term_});
  } else {
    send_append(*peer);
  }
  return TransferOutcome::started;
}

bool Core::holds_lease() const {
  return options_.check_quorum && leader_ && election_elapsed_ < options_.election_ticks;
}

bool Core::quorum_is_active() const {
  const auto active = static_cast<std::size_t>(std::count_if(
      peers_.begin(), peers_.end(), [](const Peer& peer) { return peer.recently_active; }));
  return active >= majority_of(peers_.size());
}

}  // namespace windtunnel::raft
