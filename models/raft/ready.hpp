// What a core asks its surroundings to do: persist, send, apply, answer reads, journal. The
// surroundings may take their time over each, in any order between them; within storage and within
// application the order is fixed.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/raft/entry.hpp"
#include "models/raft/facts.hpp"
#include "models/raft/message.hpp"
#include "models/raft/persistent_state.hpp"
#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

enum class Role : std::uint8_t { follower, pre_candidate, candidate, leader };
BOOST_DESCRIBE_ENUM(Role, follower, pre_candidate, candidate, leader)

/// What need not survive a crash. A service uses it to fail waiting proposals when leadership goes.
struct SoftState {
  Role role = Role::follower;
  std::optional<HostId> leader{};

  friend bool operator==(const SoftState&, const SoftState&) = default;
};
BOOST_DESCRIBE_STRUCT(SoftState, (), (role, leader))

/// One write for storage. Writes are carried out in the order they were handed out, and `responses`
/// and `facts` stand only once this write and all before it are durable. Then each response goes to
/// its `to`: over the network, or back into step() when that is this node.
struct StorageAppend {
  std::vector<Entry> entries{};  ///< Replace whatever storage holds from entries.front().index on.
  std::optional<HardState> hard_state{};
  bool must_sync =
      false;  ///< False: nothing new is promised, an fsync may wait for the next write.
  std::vector<Message> responses{};
  std::vector<Fact> facts{};
};
BOOST_DESCRIBE_STRUCT(StorageAppend, (), (entries, hard_state, must_sync, responses, facts))

/// Committed entries for the application, in order; `response` goes back into step() when they are
/// applied.
struct StorageApply {
  std::vector<Entry> entries{};
  Message response{};
};
BOOST_DESCRIBE_STRUCT(StorageApply, (), (entries, response))

/// A read may be served once `index` is applied; `context` is what read_index() was given.
struct ReadState {
  Index index{};
  std::uint64_t context = 0;

  friend bool operator==(const ReadState&, const ReadState&) = default;
};
BOOST_DESCRIBE_STRUCT(ReadState, (), (index, context))

/// Everything a core has to say since the last one. In StorageMode::synchronous the caller persists
/// `append` first, then sends `messages`, applies, and calls Core::advance(); responses are then
/// not the caller's business.
struct Ready {
  std::optional<SoftState> soft_state{};  ///< Where changed.
  std::optional<StorageAppend> append{};
  std::vector<Message> messages{};  ///< Send now; they promise nothing that is not durable.
  std::optional<StorageApply> apply{};
  std::vector<ReadState> read_states{};
  std::vector<Fact> facts{};  ///< In the order they happened.
};
BOOST_DESCRIBE_STRUCT(Ready, (), (soft_state, append, messages, apply, read_states, facts))

}  // namespace windtunnel::raft
