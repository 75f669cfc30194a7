#include "models/raft/core.hpp"

namespace windtunnel::raft {

ReadOutcome Core::read_index(std::uint64_t context) {
  if (role_ == Role::leader) {
    take_on_read({options_.id, context, {}});
    return ReadOutcome::asked;
  }
  if (!leader_) {
    return ReadOutcome::no_leader;
  }
  send({.type = MessageType::read_index, .to = *leader_, .term = term_, .context = context});
  return ReadOutcome::asked;
}

void Core::take_on_read(PendingRead read) {
  // A new leader does not know what is committed until an entry of its own term is (Raft thesis
  // §6.4).
  if (!has_committed_in_own_term()) {
    reads_.postpone(read);
    return;
  }
  read.index = log_.committed();
  if (peers_.size() == 1) {
    answer_read(read);
    return;
  }
  reads_.add(read);
  // One round of heartbeats serves all reads that come before the next Ready.
  read_round_due_ = true;
}

void Core::take_on_postponed_reads() {
  for (const PendingRead& read : reads_.take_postponed()) {
    take_on_read(read);
  }
}

void Core::confirm_reads() {
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    quorum_scratch_[i] =
        Index{peers_[i].id == options_.id ? reads_.newest() : peers_[i].reads_confirmed};
  }
  for (const PendingRead& read : reads_.confirm_through(majority_index(quorum_scratch_).value())) {
    answer_read(read);
  }
}

void Core::answer_read(const PendingRead& read) {
  if (read.requester == options_.id) {
    read_states_.push_back({read.index, read.context});
    return;
  }
  send({.type = MessageType::read_index_response,
        .to = read.requester,
        .term = term_,
        .log = {Term{}, read.index},
        .context = read.context});
}

bool Core::has_committed_in_own_term() const {
  return log_.term_at(log_.committed()) == term_;
}

}  // namespace windtunnel::raft
