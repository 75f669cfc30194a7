// What cores say to each other, and what their own storage says back to them. One struct for all
// types, as in etcd/raft: a field that a type does not name below is left at its default.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/raft/entry.hpp"
#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

enum class MessageType : std::uint8_t {
  append,               ///< log = entry before `entries`; entries, commit.
  append_response,      ///< log.index = last match, or where a rejected append stood; reject, hint.
  heartbeat,            ///< commit, context = reads asked so far.
  heartbeat_response,   ///< context as in the heartbeat.
  vote,                 ///< log = candidate's last entry; transfer.
  vote_response,        ///< reject.
  pre_vote,             ///< As vote; term is the one the sender would campaign in.
  pre_vote_response,    ///< As vote_response; a grant carries the request's term.
  timeout_now,          ///< Campaign at once: the leader hands over.
  read_index,           ///< A follower passes a read on; context is its caller's.
  read_index_response,  ///< log.index = what to have applied before serving; context.

  // From a node's own storage, never on the network.
  storage_append_response,  ///< Everything up to `log` is durable.
  storage_apply_response,   ///< Everything up to log.index is applied.
};
BOOST_DESCRIBE_ENUM(MessageType, append, append_response, heartbeat, heartbeat_response, vote,
                    vote_response, pre_vote, pre_vote_response, timeout_now, read_index,
                    read_index_response, storage_append_response, storage_apply_response)

struct Message {
  static constexpr std::string_view kWireName = "raft.message";

  MessageType type = MessageType::heartbeat;
  HostId from{};
  HostId to{};
  Term term{};
  EntryId log{};
  Index commit{};
  std::uint64_t context = 0;
  /// Of a rejecting append_response: where the two logs may still agree.
  EntryId hint{};
  bool reject = false;
  /// This vote is part of a leader transfer and may break the leader's lease.
  bool transfer = false;
  std::vector<Entry> entries{};

  friend bool operator==(const Message&, const Message&) = default;
};
BOOST_DESCRIBE_STRUCT(Message, (),
                      (type, from, to, term, log, commit, context, hint, reject, transfer, entries))

/// Whether only a node's own storage may say this; a transport must refuse it from the network.
[[nodiscard]] constexpr bool is_storage_response(MessageType type) {
  return type == MessageType::storage_append_response ||
         type == MessageType::storage_apply_response;
}

}  // namespace windtunnel::raft
