#include "models/kv/node.hpp"

#include <utility>

#include "runtime/codec.hpp"

namespace windtunnel::kv {

Node::Node(Host& host, NodeOptions options)
    : host_(host),
      next_read_(host.random("kv.read_context").next()),
      raft_(host, std::move(options.raft),
            {.on_apply = [this](const raft::Entry& entry) { apply(entry); },
             .on_read_ready = [this](const raft::ReadState& state) { confirm_read(state); },
             .on_role_change = [this](const raft::SoftState& state) { role_changed(state); },
             .on_log_synced = [this] { propose_waiting(); }}) {
  Messenger& messages = host.messages();
  subscriptions_.push_back(
      messages.serve<WriteRequest>([this](HostId, WriteRequest& request, const ReplyTo& reply) {
        serve_write(request, reply);
      }));
  subscriptions_.push_back(
      messages.serve<ReadRequest>([this](HostId, ReadRequest& request, const ReplyTo& reply) {
        serve_read(std::move(request), reply);
      }));
  subscriptions_.push_back(
      messages.serve<ScanRequest>([this](HostId, ScanRequest& request, const ReplyTo& reply) {
        serve_read(std::move(request), reply);
      }));
}

void Node::serve_write(const WriteRequest& request, const ReplyTo& reply) {
  if (!raft_.is_leader()) {
    host_.messages().reply(reply, WriteResponse{Status::not_leader, raft_.leader(), 0});
    return;
  }
  command_.clear();
  ByteWriter out{command_};
  encode(out, Command{request.key, request.value.view()});
  unproposed_.commands.emplace_back(command_.view());
  unproposed_.replies.push_back(reply);
  if (!raft_.is_log_syncing()) {
    propose_waiting();
  }
}

void Node::propose_waiting() {
  if (unproposed_.replies.empty()) {
    return;
  }
  Unproposed batch = std::exchange(unproposed_, std::exchange(spare_, {}));
  propose(batch);
  batch.commands.clear();
  batch.replies.clear();
  spare_ = std::move(batch);
}

void Node::propose(Unproposed& batch) {
  const raft::Proposal proposal = raft_.propose(batch.commands);
  if (proposal.outcome != raft::ProposalOutcome::accepted) {
    const bool is_leaderless = proposal.outcome == raft::ProposalOutcome::not_leader;
    refuse(batch, is_leaderless ? Status::not_leader : Status::overloaded, proposal.leader);
    return;
  }
  raft::Index index{proposal.last.index.value() - batch.replies.size()};
  for (const ReplyTo& reply : batch.replies) {
    index = index.next();
    // Proposing may commit and apply at once (a single-node cluster): then nothing is left to wait
    // for.
    if (index <= applied_) {
      host_.messages().reply(reply, WriteResponse{Status::ok, host_.id(), index.value()});
    } else {
      writes_.push_back({{proposal.last.term, index}, reply});
    }
  }
}

void Node::refuse(const Unproposed& batch, Status status, std::optional<HostId> leader) {
  for (const ReplyTo& reply : batch.replies) {
    host_.messages().reply(reply, WriteResponse{status, leader, 0});
  }
}

void Node::apply(const raft::Entry& entry) {
  applied_ = entry.index;
  if (entry.kind == raft::EntryKind::command) {
    store_.apply(entry.index.value(), entry.data);
  }
  while (!writes_.empty() && writes_.front().entry.index <= entry.index) {
    const WaitingWrite write = writes_.front();
    writes_.pop_front();
    // Another leader's entry at this index means that ours was overwritten: it will never take
    // effect.
    const bool is_ours = write.entry == entry.id();
    const Status status = is_ours ? Status::ok : Status::not_leader;
    host_.messages().reply(write.reply, WriteResponse{status, raft_.leader(), entry.index.value()});
  }
  answer_confirmed_reads();
}

void Node::serve_read(std::variant<ReadRequest, ScanRequest> request, const ReplyTo& reply) {
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
    if (const Store::Entry* found = store_.find(one->key)) {
      response.exists = true;
      response.value = found->command.slice(found->value);
      response.revision = found->revision;
    }
    host_.messages().reply(read.reply, std::move(response));
  } else {
    const auto& range = std::get<ScanRequest>(read.request);
    ScanResponse response = store_.scan(range);
    response.leader = host_.id();
    host_.messages().reply(read.reply, std::move(response));
  }
}

void Node::refuse(const WaitingRead& read, Status status) {
  if (std::holds_alternative<ReadRequest>(read.request)) {
    host_.messages().reply(read.reply, ReadResponse{status, raft_.leader(), false, {}, 0});
  } else {
    host_.messages().reply(read.reply, ScanResponse{status, raft_.leader(), {}, false});
  }
}

void Node::role_changed(const raft::SoftState& state) {
  if (state.role == raft::Role::leader) {
    return;
  }
  refuse(std::exchange(unproposed_, {}), Status::not_leader, state.leader);
  // The entries may still be committed by the next leader: the writers are told that they do not
  // know.
  for (const WaitingWrite& write : std::exchange(writes_, {})) {
    host_.messages().reply(write.reply, WriteResponse{Status::leadership_lost, state.leader, 0});
  }
  for (const WaitingRead& read : std::exchange(reads_, {})) {
    refuse(read, Status::not_leader);
  }
}

}  // namespace windtunnel::kv
