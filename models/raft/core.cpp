#include "models/raft/core.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::raft {

namespace {

bool is_pristine(const PersistentState& state) {
  return state.hard_state == HardState{} && state.base == EntryId{} && state.entries.empty();
}

Options checked(Options options) {
  check(options.heartbeat_ticks > 0, "a leader must send heartbeats");
  check(options.election_ticks > options.heartbeat_ticks, "elections must outlast heartbeats");
  check(options.inflight_max > 0, "replication needs a window");
  check(options.max_entries_per_append > 0, "an append must carry entries");
  check(options.max_entries_per_apply > 0, "application needs entries");
  std::sort(options.voters.begin(), options.voters.end());
  check(std::adjacent_find(options.voters.begin(), options.voters.end()) == options.voters.end(),
        "a voter is named twice");
  check(std::binary_search(options.voters.begin(), options.voters.end(), options.id),
        "a node must be one of the voters");
  return options;
}

}  // namespace

Core::Core(Options options, PersistentState state)
    : options_(checked(std::move(options))),
      log_(state.base, std::move(state.entries), state.applied),
      term_(state.hard_state.term),
      vote_(state.hard_state.vote) {
  for (const HostId voter : options_.voters) {
    peers_.push_back({
        .id = voter,
        .progress = Progress{options_.inflight_max},
    });
  }
  quorum_scratch_.resize(peers_.size());
  const bool pristine = is_pristine(state) && log_.last_index() == Index{};
  // A commit index is written without an fsync, so it may be behind the log; it is never ahead of
  // it.
  log_.commit_to(state.hard_state.commit);
  become_follower(term_, std::nullopt);
  reported_hard_state_ = hard_state();
  reported_soft_state_ = soft_state();
  if (!pristine) {
    facts_.emplace_back(Restarted{term_, log_.last_index(), log_.applied()});
  }
}

void Core::step(Message message) {
  if (is_storage_response(message.type)) {
    step_storage(message);
    return;
  }
  if (find_peer(message.from) == nullptr) {
    return;
  }
  if (message.term > term_ && !admit_higher_term(message)) {
    return;
  }
  const bool is_pre_vote =
      message.type == MessageType::pre_vote || message.type == MessageType::pre_vote_response;
  if (message.term < term_) {
    answer_lower_term(message);
    return;
  }
  check(message.term == term_ || is_pre_vote, "a message of a higher term was not admitted");
  if (message.type == MessageType::vote || message.type == MessageType::pre_vote) {
    handle_vote_request(message);
    return;
  }
  switch (role_) {
    case Role::leader:
      return step_leader(message);
    case Role::candidate:
    case Role::pre_candidate:
      return step_candidate(message);
    case Role::follower:
      return step_follower(message);
  }
}

void Core::step_storage(const Message& message) {
  check(message.from == options_.id, "another node's storage answered");
  if (message.type == MessageType::storage_apply_response) {
    std::uint64_t bytes = 0;
    for (const Entry& entry : log_.read_range(log_.applied(), message.log.index)) {
      bytes += entry.data.size();
    }
    uncommitted_bytes_ -= std::min(uncommitted_bytes_, bytes);
    log_.mark_applied(message.log.index);
    return;
  }
  // An answer from an earlier term may be about entries that a write still under way replaces, even
  // though the log holds equal ones again by now. Every term change causes a write, and its answer
  // vouches for the whole log, so dropping this one loses nothing (etcd/raft, rawnode.go,
  // newStorageAppendRespMsg, on the ABA problem).
  if (message.term == term_) {
    log_.mark_stable(message.log);
  }
}

bool Core::admit_higher_term(const Message& message) {
  const bool asks_for_vote =
      message.type == MessageType::vote || message.type == MessageType::pre_vote;
  if (asks_for_vote && !message.transfer && holds_lease()) {
    return false;
  }
  // A pre-vote asks about a term that nobody is in yet; neither the question nor a grant moves
  // anyone there.
  const bool is_hypothetical = message.type == MessageType::pre_vote ||
                               (message.type == MessageType::pre_vote_response && !message.reject);
  if (!is_hypothetical) {
    const bool from_leader =
        message.type == MessageType::append || message.type == MessageType::heartbeat;
    become_follower(message.term, from_leader ? std::optional{message.from} : std::nullopt);
  }
  return true;
}

void Core::answer_lower_term(const Message& message) {
  const bool from_leader =
      message.type == MessageType::append || message.type == MessageType::heartbeat;
  if (from_leader && (options_.check_quorum || options_.pre_vote)) {
    // This node may be stuck at a term that the others will not learn of from its vote requests,
    // which a lease lets them ignore. The answer's term makes the old leader step down and frees
    // it.
    send_when_durable({.type = MessageType::append_response, .to = message.from, .term = term_});
  } else if (message.type == MessageType::pre_vote) {
    // Said explicitly, because a candidate at a lower term that hears nothing would never catch up.
    send_when_durable({.type = MessageType::pre_vote_response,
                       .to = message.from,
                       .term = term_,
                       .reject = true});
  }
}

void Core::step_leader(Message& message) {
  Peer& peer = *find_peer(message.from);
  switch (message.type) {
    case MessageType::append_response:
      return handle_append_response(peer, message);
    case MessageType::heartbeat_response:
      return handle_heartbeat_response(peer, message);
    case MessageType::read_index:
      return take_on_read({message.from, message.context, {}});
    default:
      return;
  }
}

void Core::step_candidate(Message& message) {
  switch (message.type) {
    case MessageType::append:
      become_follower(message.term, message.from);
      return handle_append(message);
    case MessageType::heartbeat:
      become_follower(message.term, message.from);
      return handle_heartbeat(message);
    // A candidate may still receive grants of its pre-vote; only answers to what it asks now count.
    case MessageType::pre_vote_response:
      return role_ == Role::pre_candidate ? handle_vote_response(message) : void();
    case MessageType::vote_response:
      return role_ == Role::candidate ? handle_vote_response(message) : void();
    default:
      return;
  }
}

void Core::step_follower(Message& message) {
  switch (message.type) {
    case MessageType::append:
      election_elapsed_ = 0;
      leader_ = message.from;
      return handle_append(message);
    case MessageType::heartbeat:
      election_elapsed_ = 0;
      leader_ = message.from;
      return handle_heartbeat(message);
    // A transfer skips the pre-vote: the leader itself asks for it, so nothing is disrupted.
    case MessageType::timeout_now:
      return start_election(Election::transfer);
    case MessageType::read_index_response:
      read_states_.push_back({message.log.index, message.context});
      return;
    default:
      return;
  }
}

void Core::tick() {
  if (role_ == Role::leader) {
    tick_leader();
  } else {
    tick_election();
  }
}

void Core::tick_election() {
  if (++election_elapsed_ >= election_timeout_) {
    election_elapsed_ = 0;
    campaign();
  }
}

void Core::tick_leader() {
  ++heartbeat_elapsed_;
  if (++election_elapsed_ >= options_.election_ticks) {
    election_elapsed_ = 0;
    if (options_.check_quorum && !quorum_is_active()) {
      become_follower(term_, std::nullopt);
      return;
    }
    for (Peer& peer : peers_) {
      peer.recently_active = peer.id == options_.id;
    }
    transferee_.reset();
  }
  if (heartbeat_elapsed_ >= options_.heartbeat_ticks) {
    heartbeat_elapsed_ = 0;
    broadcast_heartbeat();
  }
}

void Core::send(Message&& message) {
  message.from = options_.id;
  messages_.push_back(std::move(message));
}

void Core::send_when_durable(Message&& message) {
  message.from = options_.id;
  messages_when_durable_.push_back(std::move(message));
}

HardState Core::hard_state() const {
  return {term_, vote_, log_.committed()};
}

State Core::state() const {
  return {.id = options_.id,
          .role = role_,
          .term = term_,
          .vote = vote_,
          .leader = leader_,
          .commit = log_.committed(),
          .applied = log_.applied(),
          .last = log_.last()};
}

Index Core::appliable() const {
  // Where storage answers later, an entry can be committed by others before it is durable here.
  // Applying it then would let the application run ahead of what this node finds again after a
  // crash.
  return options_.storage == StorageMode::synchronous ? log_.committed()
                                                      : std::min(log_.committed(), log_.stable());
}

bool Core::has_ready() const {
  return !messages_.empty() || !messages_when_durable_.empty() || log_.has_unstored() ||
         log_.has_unapplied(appliable()) || !read_states_.empty() || read_round_due_ ||
         !facts_.empty() || soft_state() != reported_soft_state_ ||
         hard_state() != reported_hard_state_;
}

Ready Core::ready() {
  Ready ready;
  this->ready(ready);
  return ready;
}

void Core::ready(Ready& ready) {
  check(steps_on_advance_.empty(), "the last Ready was not advanced");
  if (std::exchange(read_round_due_, false)) {
    broadcast_heartbeat();
  }
  ready.soft_state.reset();
  if (soft_state() != reported_soft_state_) {
    ready.soft_state = reported_soft_state_ = soft_state();
  }
  ready.append = take_append();
  if (ready.apply) {
    spare_apply_ = std::move(ready.apply->entries);
  }
  ready.apply = take_apply();
  // The vectors change places, so that their capacity is used again.
  ready.messages.clear();
  ready.read_states.clear();
  ready.facts.clear();
  std::swap(ready.messages, messages_);
  std::swap(ready.read_states, read_states_);
  std::swap(ready.facts, facts_);
  if (options_.storage == StorageMode::synchronous) {
    if (ready.append) {
      for (Message& response : ready.append->responses) {
        auto& target = response.to == options_.id ? steps_on_advance_ : ready.messages;
        target.push_back(std::move(response));
      }
      ready.append->responses.clear();
    }
    if (ready.apply) {
      steps_on_advance_.push_back(ready.apply->response);
    }
  }
}

void Core::advance() {
  check(options_.storage == StorageMode::synchronous, "storage answers for itself");
  for (Message& message : std::exchange(steps_on_advance_, {})) {
    step(std::move(message));
  }
}

std::optional<StorageAppend> Core::take_append() {
  const HardState current = hard_state();
  const bool changed = current != reported_hard_state_;
  if (!log_.has_unstored() && !changed && messages_when_durable_.empty()) {
    return std::nullopt;
  }
  StorageAppend append;
  if (!spare_appends_.empty()) {
    append = std::move(spare_appends_.back());
    spare_appends_.pop_back();
  }
  append.entries = log_.take_unstored(std::move(append.entries));
  append.must_sync = !append.entries.empty() || current.term != reported_hard_state_.term ||
                     current.vote != reported_hard_state_.vote;
  if (changed) {
    append.hard_state = current;
    reported_hard_state_ = current;
  }
  std::swap(append.responses, messages_when_durable_);
  std::swap(append.facts, facts_when_durable_);
  if (log_.has_unstable()) {
    // After a leader's own acknowledgement, so that committing comes first.
    append.responses.push_back(storage_append_response());
  }
  return append;
}

void Core::recycle(StorageAppend&& append) {
  append.entries.clear();
  append.responses.clear();
  append.facts.clear();
  append.hard_state.reset();
  spare_appends_.push_back(std::move(append));
}

Message Core::storage_append_response() const {
  return {.type = MessageType::storage_append_response,
          .from = options_.id,
          .to = options_.id,
          .term = term_,
          .log = log_.last()};
}

std::optional<StorageApply> Core::take_apply() {
  const Index limit = appliable();
  if (!log_.has_unapplied(limit)) {
    return std::nullopt;
  }
  StorageApply apply;
  apply.entries =
      log_.take_unapplied(limit, options_.max_entries_per_apply, std::move(spare_apply_));
  facts_.reserve(facts_.size() + apply.entries.size());
  for (const Entry& entry : apply.entries) {
    facts_.emplace_back(EntryApplied{entry.index, entry.term, checksum_of(entry.data.view())});
  }
  apply.response = {.type = MessageType::storage_apply_response,
                    .from = options_.id,
                    .to = options_.id,
                    .term = term_,
                    .log = apply.entries.back().id()};
  return apply;
}

Peer* Core::find_peer(HostId id) {
  const auto peer =
      std::find_if(peers_.begin(), peers_.end(), [id](const Peer& p) { return p.id == id; });
  return peer == peers_.end() ? nullptr : &*peer;
}

Peer& Core::self() {
  return *find_peer(options_.id);
}

}  // namespace windtunnel::raft
