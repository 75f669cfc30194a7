#include <algorithm>
#include <utility>

#include "models/raft/core.hpp"

namespace windtunnel::raft {

namespace {

bool is_contiguous(const Message& append) {
  Index expected = append.log.index;
  return std::all_of(append.entries.begin(), append.entries.end(), [&](const Entry& entry) {
    expected = expected.next();
    return entry.index == expected && entry.term <= append.term;
  });
}

}  // namespace

Proposal Core::propose(SharedBytes data) {
  return propose(std::span{&data, 1});
}

Proposal Core::propose(std::span<SharedBytes> batch) {
  if (role_ != Role::leader) {
    return {ProposalOutcome::not_leader, {}, leader_};
  }
  if (transferee_) {
    return {ProposalOutcome::transferring, {}, leader_};
  }
  std::uint64_t bytes = 0;
  for (const SharedBytes& data : batch) {
    bytes += data.size();
  }
  // A proposal larger than the limit is let through alone, so that it cannot be refused for ever.
  if (uncommitted_bytes_ > 0 && bytes > 0 &&
      uncommitted_bytes_ + bytes > options_.uncommitted_bytes_max) {
    return {ProposalOutcome::over_limit, {}, leader_};
  }
  uncommitted_bytes_ += bytes;
  for (SharedBytes& data : batch) {
    append_own(EntryKind::command, std::move(data));
  }
  acknowledge_own();
  broadcast_append();
  return {ProposalOutcome::accepted, log_.last(), leader_};
}

void Core::append_own(EntryKind kind, SharedBytes data) {
  log_.append({term_, log_.last_index().next(), kind, std::move(data)});
}

void Core::acknowledge_own() {
  send_when_durable({.type = MessageType::append_response,
                     .to = options_.id,
                     .term = term_,
                     .log = {Term{}, log_.last_index()}});
}

void Core::broadcast_append() {
  for (Peer& peer : peers_) {
    if (peer.id != options_.id) {
      send_append(peer);
    }
  }
}

void Core::send_append(Peer& peer) {
  // Also without entries: that tells the commit index, and probes a follower whose window is full
  // of lost messages.
  if (!peer.progress.is_paused()) {
    send_entries(peer, sendable_entries(peer.progress));
  }
}

bool Core::send_next_entries(Peer& peer) {
  if (peer.progress.is_paused()) {
    return false;
  }
  const std::span<const Entry> entries = sendable_entries(peer.progress);
  if (entries.empty()) {
    return false;
  }
  send_entries(peer, entries);
  return true;
}

std::span<const Entry> Core::sendable_entries(const Progress& progress) const {
  if (progress.state() == ProgressState::replicate && progress.inflights().is_full()) {
    return {};
  }
  return log_.read_from(progress.next(), options_.max_entries_per_append,
                        options_.max_entries_bytes_per_append);
}

void Core::send_entries(Peer& peer, std::span<const Entry> entries) {
  const Index previous = peer.progress.next().previous();
  send({.type = MessageType::append,
        .to = peer.id,
        .term = term_,
        .log = {log_.term_at(previous).value(), previous},
        .commit = log_.committed(),
        .entries = {entries.begin(), entries.end()}});
  peer.progress.sent_entries(entries.size());
  peer.progress.sent_commit(log_.committed());
}

void Core::handle_append(Message& message) {
  if (!is_contiguous(message)) {
    return;
  }
  Message response{.type = MessageType::append_response, .to = message.from, .term = term_};
  if (message.log.index < log_.committed()) {
    response.log.index = log_.committed();
  } else if (const auto agreed = log_.try_append(message.log, message.entries)) {
    log_.commit_to(std::min(message.commit, *agreed));
    response.log.index = *agreed;
  } else {
    response.reject = true;
    response.log.index = message.log.index;
    response.hint =
        log_.agreement_before(std::min(message.log.index, log_.last_index()), message.log.term);
  }
  send_when_durable(std::move(response));
}

void Core::handle_append_response(Peer& peer, const Message& message) {
  peer.recently_active = true;
  if (message.reject) {
    handle_append_rejection(peer, message);
    return;
  }
  Progress& progress = peer.progress;
  const Index index = message.log.index;
  const bool recovered = progress.match() == index && progress.state() == ProgressState::probe;
  if (!progress.update_match(index) && !recovered) {
    return;
  }
  if (progress.state() == ProgressState::probe) {
    progress.become_replicate();
  } else {
    progress.free_inflights_through(index);
  }
  if (advance_commit()) {
    take_on_postponed_reads();
    if (options_.commit_notice == CommitNotice::at_once) {
      broadcast_append();
    }
  } else if (options_.commit_notice == CommitNotice::at_once && peer.id != options_.id &&
             progress.can_bump_commit(log_.committed())) {
    send_append(peer);
  }
  if (peer.id != options_.id) {
    while (send_next_entries(peer)) {
    }
  }
  if (transferee_ == peer.id && progress.match() == log_.last_index()) {
    send({.type = MessageType::timeout_now, .to = peer.id, .term = term_});
  }
}

void Core::handle_append_rejection(Peer& peer, const Message& message) {
  // The follower has `hint.term` at `hint.index`; where this log's term is larger, the two cannot
  // agree.
  const Index hint = message.hint.term > Term{}
                         ? log_.agreement_before(message.hint.index, message.hint.term).index
                         : message.hint.index;
  if (!peer.progress.back_up(message.log.index, hint)) {
    return;
  }
  if (peer.progress.state() == ProgressState::replicate) {
    peer.progress.become_probe();
  }
  send_append(peer);
}

void Core::handle_heartbeat(const Message& message) {
  log_.commit_to(message.commit);
  send({.type = MessageType::heartbeat_response,
        .to = message.from,
        .term = term_,
        .context = message.context});
}

void Core::handle_heartbeat_response(Peer& peer, const Message& message) {
  peer.recently_active = true;
  peer.progress.resume();
  if (peer.progress.match() < log_.last_index() || peer.progress.state() == ProgressState::probe) {
    send_append(peer);
  }
  if (message.context > peer.reads_confirmed) {
    peer.reads_confirmed = message.context;
    confirm_reads();
  }
}

void Core::broadcast_heartbeat() {
  for (Peer& peer : peers_) {
    if (peer.id == options_.id) {
      continue;
    }
    // Never more than the follower is known to hold: it may have a longer log that conflicts with
    // this one.
    const Index commit = std::min(peer.progress.match(), log_.committed());
    send({.type = MessageType::heartbeat,
          .to = peer.id,
          .term = term_,
          .commit = commit,
          .context = reads_.newest()});
    peer.progress.sent_commit(commit);
  }
}

bool Core::advance_commit() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    quorum_scratch_[i] = peers_[i].progress.match();
  }
  const Index agreed = majority_index(quorum_scratch_);
  if (agreed <= log_.committed()) {
    return false;
  }
  // An entry of an earlier term on a majority can still be replaced (Raft paper, Figure 8): only an
  // entry of the own term is committed by counting, and what stands before it with it.
  if (log_.term_at(agreed) != term_) {
    return false;
  }
  log_.commit_to(agreed);
  facts_.emplace_back(CommitAdvanced{term_, agreed});
  return true;
}

void Core::report_unreachable(HostId id) {
  Peer* const peer = find_peer(id);
  if (role_ == Role::leader && peer != nullptr && id != options_.id &&
      peer->progress.state() == ProgressState::replicate) {
    peer->progress.become_probe();
  }
}

}  // namespace windtunnel::raft
