#include "tests/models/raft/describe.hpp"

namespace windtunnel::raft {

namespace {

const char* name_of(MessageType type) {
  switch (type) {
    case MessageType::append:
      return "MsgApp";
    case MessageType::append_response:
      return "MsgAppResp";
    case MessageType::heartbeat:
      return "MsgHeartbeat";
    case MessageType::heartbeat_response:
      return "MsgHeartbeatResp";
    case MessageType::vote:
      return "MsgVote";
    case MessageType::vote_response:
      return "MsgVoteResp";
    case MessageType::pre_vote:
      return "MsgPreVote";
    case MessageType::pre_vote_response:
      return "MsgPreVoteResp";
    case MessageType::timeout_now:
      return "MsgTimeoutNow";
    case MessageType::read_index:
      return "MsgReadIndex";
    case MessageType::read_index_response:
      return "MsgReadIndexResp";
    case MessageType::storage_append_response:
      return "MsgStorageAppendResp";
    case MessageType::storage_apply_response:
      return "MsgStorageApplyResp";
  }
  return "?";
}

const char* name_of(Role role) {
  switch (role) {
    case Role::follower:
      return "StateFollower";
    case Role::pre_candidate:
      return "StatePreCandidate";
    case Role::candidate:
      return "StateCandidate";
    case Role::leader:
      return "StateLeader";
  }
  return "?";
}

template <typename Strong>
std::string number(Strong value) {
  return std::to_string(value.value());
}

std::string entry_list(const std::vector<Entry>& entries) {
  if (entries.empty()) {
    return {};
  }
  if (entries.size() == 1) {
    return " Entries:[" + describe(entries.front()) + "]";
  }
  std::string text = " Entries:[";
  for (const Entry& entry : entries) {
    text += "\n  " + describe(entry);
  }
  return text + "\n]";
}

}  // namespace

std::string describe(const Entry& entry) {
  return number(entry.term) + "/" + number(entry.index) + " EntryNormal \"" +
         std::string{entry.data.view()} + "\"";
}

std::string describe(const std::vector<Entry>& entries) {
  std::string text;
  for (const Entry& entry : entries) {
    text += describe(entry) + "\n";
  }
  return text;
}

std::string describe(const HardState& state) {
  return "Term:" + number(state.term) + (state.vote ? " Vote:" + number(*state.vote) : "") +
         " Commit:" + number(state.commit);
}

std::string describe(const SoftState& state) {
  return "Lead:" + (state.leader ? number(*state.leader) : "0") + " State:" + name_of(state.role);
}

std::string describe(const Peer& peer) {
  const Progress& progress = peer.progress;
  std::string text = progress.state() == ProgressState::probe ? "StateProbe" : "StateReplicate";
  text += " match=" + number(progress.match()) + " next=" + number(progress.next());
  text += progress.is_paused() ? " paused" : "";
  text += peer.recently_active ? "" : " inactive";
  if (progress.inflights().count() > 0) {
    text += " inflight=" + std::to_string(progress.inflights().count());
    text += progress.inflights().is_full() ? "[full]" : "";
  }
  return text;
}

std::string describe(const Message& message) {
  const bool from_storage = message.type == MessageType::storage_append_response;
  std::string text = from_storage ? "AppendThread" : number(message.from);
  text += "->" + number(message.to) + " " + name_of(message.type);
  // A refusal names the term at its hint where etcd/raft has one field for both.
  text += " Term:" + number(message.term) +
          " Log:" + number(message.reject ? message.hint.term : message.log.term) + "/" +
          number(message.log.index);
  text += message.reject ? " Rejected (Hint: " + number(message.hint.index) + ")" : "";
  text += message.commit > Index{} ? " Commit:" + number(message.commit) : "";
  return text + entry_list(message.entries);
}

std::string describe(HostId id, const StorageAppend& append) {
  std::string text = number(id) + "->AppendThread MsgStorageAppend";
  const HardState state = append.hard_state.value_or(HardState{});
  text += " Term:" + number(state.term) + " Log:0/0";
  text += state.commit > Index{} ? " Commit:" + number(state.commit) : "";
  text += state.vote ? " Vote:" + number(*state.vote) : "";
  return text + entry_list(append.entries);
}

std::string describe(HostId id, const StorageApply& apply) {
  return number(id) + "->ApplyThread MsgStorageApply Term:0 Log:0/0" + entry_list(apply.entries);
}

std::string describe_response(HostId id, const StorageApply& apply) {
  return "ApplyThread->" + number(id) + " MsgStorageApplyResp Term:0 Log:0/0" +
         entry_list(apply.entries);
}

}  // namespace windtunnel::raft
