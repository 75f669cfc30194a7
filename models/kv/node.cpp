#include "models/kv/node.hpp"

#include <algorithm>
#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::kv {

namespace {

Command command_of(const ChangeRequest& request) {
  if (request.expected) {
    CompareAndSet command{request.key, *request.expected, std::nullopt, request.lease};
    if (request.value) {
      command.value = request.value->view();
    }
    return command;
  }
  if (request.value) {
    return Put{request.key, request.value->view(), request.lease};
  }
  return Delete{request.key};
}

}  // namespace

Node::Node(Host& host, NodeOptions options)
    : host_(host),
      store_(options.store),
      watches_(host, store_, options.watches),
      leases_(host, store_, options.leases,
              {.propose = [this](const RevokeLease& revocation) { serve_command(revocation, {}); },
               .ask_for_proof = [this] { serve_read(LeadershipProof{}, {}); }}),
      next_read_(host.random("kv.read_context").next()),
      raft_(host, std::move(options.raft),
            {.on_apply = [this](const raft::Entry& entry) { apply(entry); },
             .on_read_ready = [this](const raft::ReadState& state) { confirm_read(state); },
             .on_role_change = [this](const raft::SoftState& state) { role_changed(state); },
             .on_log_synced = [this] { propose_waiting(); }}) {
  serve_commands();
  serve_questions();
}

void Node::serve_commands() {
  Messenger& messages = host_.messages();
  subscriptions_.push_back(
      messages.serve<WriteRequest>([this](HostId, WriteRequest& request, const ReplyTo& reply) {
        serve_command(Put{request.key, request.value.view(), {}}, {Author::writer, reply});
      }));
  subscriptions_.push_back(
      messages.serve<ChangeRequest>([this](HostId, ChangeRequest& request, const ReplyTo& reply) {
        serve_command(command_of(request), {Author::changer, reply});
      }));
  subscriptions_.push_back(messages.serve<LeaseGrantRequest>(
      [this](HostId, LeaseGrantRequest& request, const ReplyTo& reply) {
        serve_command(GrantLease{request.ttl}, {Author::lessee, reply});
      }));
  subscriptions_.push_back(messages.serve<LeaseRevokeRequest>(
      [this](HostId, LeaseRevokeRequest& request, const ReplyTo& reply) {
        serve_command(RevokeLease{request.id, RevokeReason::asked}, {Author::lessee, reply});
      }));
}

void Node::serve_questions() {
  Messenger& messages = host_.messages();
  subscriptions_.push_back(
      messages.serve<ReadRequest>([this](HostId, ReadRequest& request, const ReplyTo& reply) {
        serve_read(std::move(request), reply);
      }));
  subscriptions_.push_back(
      messages.serve<ScanRequest>([this](HostId, ScanRequest& request, const ReplyTo& reply) {
        serve_read(std::move(request), reply);
      }));
  subscriptions_.push_back(messages.serve<KeepAliveRequest>(
      [this](HostId, KeepAliveRequest& request, const ReplyTo& reply) {
        if (raft_.is_leader()) {
          leases_.keep_alive(std::move(request), reply);
        } else {
          host_.messages().reply(reply, KeepAliveResponse{Status::not_leader, raft_.leader(), {}});
        }
      }));
}

void Node::serve_command(const Command& command, const Recipient& recipient) {
  if (!raft_.is_leader()) {
    answer(recipient, {Status::not_leader, raft_.leader(), {}, 0});
    return;
  }
  command_.clear();
  ByteWriter out{command_};
  encode_command(out, command);
  unproposed_.commands.emplace_back(command_.view());
  unproposed_.recipients.push_back(recipient);
  if (!raft_.is_log_syncing()) {
    propose_waiting();
  }
}

void Node::propose_waiting() {
  if (unproposed_.recipients.empty()) {
    return;
  }
  Unproposed batch = std::exchange(unproposed_, std::exchange(spare_, {}));
  propose(batch);
  batch.commands.clear();
  batch.recipients.clear();
  spare_ = std::move(batch);
}

void Node::propose(Unproposed& batch) {
  is_proposing_ = true;
  const raft::Proposal proposal = raft_.propose(batch.commands);
  is_proposing_ = false;
  if (proposal.outcome != raft::ProposalOutcome::accepted) {
    const bool is_leaderless = proposal.outcome == raft::ProposalOutcome::not_leader;
    refuse(batch, is_leaderless ? Status::not_leader : Status::overloaded, proposal.leader);
    return;
  }
  raft::Index index{proposal.last.index.value() - batch.recipients.size()};
  for (const Recipient& recipient : batch.recipients) {
    index = index.next();
    if (index > applied_) {
      writes_.push_back({{proposal.last.term, index}, recipient});
    }
  }
  // Proposing may commit and apply at once (a single-node cluster): then nothing is left to wait
  // for.
  const raft::Index first{index.value() - batch.recipients.size() + 1};
  for (const auto& [at, applied] : std::exchange(applied_while_proposing_, {})) {
    if (at >= first && at <= index) {
      answer(batch.recipients[static_cast<std::size_t>(at - first)],
             {Status::ok, host_.id(), applied, at.value()});
    }
  }
}

void Node::refuse(const Unproposed& batch, Status status, std::optional<HostId> leader) {
  for (const Recipient& recipient : batch.recipients) {
    answer(recipient, {status, leader, {}, 0});
  }
}

void Node::answer(const Recipient& recipient, const Ending& ending) {
  const auto& [status, leader, applied, revision] = ending;
  switch (recipient.author) {
    case Author::writer:
      host_.messages().reply(recipient.reply, WriteResponse{status, leader, revision});
      break;
    case Author::changer:
      host_.messages().reply(recipient.reply, ChangeResponse{status, leader, applied.outcome,
                                                             revision, applied.key_revision});
      break;
    case Author::lessee:
      host_.messages().reply(recipient.reply,
                             LeaseResponse{status, leader, applied.outcome, revision});
      break;
    case Author::nobody:
      break;
  }
}

void Node::apply(const raft::Entry& entry) {
  applied_ = entry.index;
  const Applied applied = entry.kind == raft::EntryKind::command ? carry_out(entry) : Applied{};
  if (is_proposing_) {
    applied_while_proposing_.emplace_back(entry.index, applied);
  }
  while (!writes_.empty() && writes_.front().entry.index <= entry.index) {
    const WaitingWrite write = writes_.front();
    writes_.pop_front();
    // Another leader's entry at this index means that ours was overwritten: it will never take
    // effect.
    const bool is_ours = write.entry == entry.id();
    answer(write.recipient, {is_ours ? Status::ok : Status::not_leader, raft_.leader(), applied,
                             entry.index.value()});
  }
  answer_confirmed_reads();
}

Applied Node::carry_out(const raft::Entry& entry) {
  const std::uint64_t before = store_.history().end();
  const Applied applied = store_.apply(entry.index.value(), entry.data);
  if (applied.outcome == ChangeOutcome::done) {
    follow_leases(entry.index.value(), entry.data);
  }
  if (!observers_.empty()) {
    for (std::uint64_t n = std::max(before, store_.history().first()); n < store_.history().end();
         ++n) {
      for (const auto& observer : observers_) {
        observer(store_.history().at(n));
      }
    }
  }
  watches_.applied();
  return applied;
}

void Node::follow_leases(std::uint64_t revision, const SharedBytes& command) {
  // Most commands are puts: they are told by their first byte.
  if (command.view().front() == 0) {
    return;
  }
  const auto decoded = decoded_command(command.view());
  if (const auto* grant = std::get_if<GrantLease>(&*decoded)) {
    leases_.granted(LeaseId{revision}, grant->ttl);
  } else if (const auto* revocation = std::get_if<RevokeLease>(&*decoded)) {
    leases_.revoked(*revocation);
  }
}

void Node::serve_read(Question request, const ReplyTo& reply) {
  WaitingRead read{next_read_++, {}, false, reply, std::move(request)};
  if (!raft_.is_leader()) {
    refuse(read, Status::not_leader);
    return;
  }
  const std::uint64_t context = read.context;
  reads_.push_back(std::move(read));
  if (raft_.read_index(context) == raft::ReadOutcome::no_leader && !reads_.empty() &&
      reads_.back().context == context) {
    refuse(reads_.back(), Status::not_leader);
    reads_.pop_back();
  }
}

void Node::confirm_read(const raft::ReadState& state) {
  for (WaitingRead& read : reads_) {
    if (read.context == state.context) {
      read.index = state.index;
      read.is_confirmed = true;
      break;
    }
  }
  answer_confirmed_reads();
}

void Node::answer_confirmed_reads() {
  while (!reads_.empty() && reads_.front().is_confirmed && reads_.front().index <= applied_) {
    const WaitingRead read = std::move(reads_.front());
    reads_.pop_front();
    answer(read);
  }
}

void Node::answer(const WaitingRead& read) {
  if (const auto* one = std::get_if<ReadRequest>(&read.request)) {
    ReadResponse response{Status::ok, host_.id(), false, {}, 0};
    if (const Version* found = store_.find(one->key)) {
      response.exists = true;
      response.value = found->shared_value();
      response.revision = found->revision;
    }
    host_.messages().reply(read.reply, std::move(response));
  } else if (const auto* range = std::get_if<ScanRequest>(&read.request)) {
    ScanResponse response = store_.scan(*range);
    response.leader = host_.id();
    host_.messages().reply(read.reply, std::move(response));
  } else {
    leases_.confirm();
  }
}

void Node::refuse(const WaitingRead& read, Status status) {
  if (std::holds_alternative<ReadRequest>(read.request)) {
    host_.messages().reply(read.reply, ReadResponse{status, raft_.leader(), false, {}, 0});
  } else if (std::holds_alternative<ScanRequest>(read.request)) {
    host_.messages().reply(read.reply, ScanResponse{status, raft_.leader(), {}, false, 0});
  } else {
    leases_.refuse(raft_.leader());
  }
}

void Node::role_changed(const raft::SoftState& state) {
  watches_.set_leader_known(state.leader);
  leases_.set_leading(state.role == raft::Role::leader, state.leader);
  if (state.role == raft::Role::leader) {
    return;
  }
  refuse(std::exchange(unproposed_, {}), Status::not_leader, state.leader);
  // The entries may still be committed by the next leader: the writers are told that they do not
  // know.
  for (const WaitingWrite& write : std::exchange(writes_, {})) {
    answer(write.recipient, {Status::leadership_lost, state.leader, {}, 0});
  }
  for (const WaitingRead& read : std::exchange(reads_, {})) {
    refuse(read, Status::not_leader);
  }
}

}  // namespace windtunnel::kv
