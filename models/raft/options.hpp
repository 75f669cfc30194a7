// How one core of a cluster is set up.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "runtime/id.hpp"
#include "runtime/random.hpp"

namespace windtunnel::raft {

/// Who says when something is durable. `asynchronous`: storage does, with the messages of
/// Ready::append and Ready::apply, and any number of Readys may be under way. `synchronous`: the
/// caller finishes each Ready and calls advance(); simpler, for tests and tools.
enum class StorageMode : std::uint8_t { asynchronous, synchronous };

/// How followers learn that an entry is committed. `at_once`: by a message of its own, as etcd/raft
/// does. `with_next_message`: by the next append or heartbeat (Raft paper, section 5.3), which
/// saves two messages per follower and commit and lets followers apply up to a heartbeat later.
enum class CommitNotice : std::uint8_t { at_once, with_next_message };

struct Options {
  HostId id{};
  /// With `id` among them; every node of a cluster is given the same set.
  std::vector<HostId> voters{};
  /// Randomized election timeouts are drawn from it, uniform in [election_ticks,
  /// 2 * election_ticks - 1]. It has no default: nodes that draw alike split their votes for ever.
  RandomStream timeouts;
  std::uint32_t election_ticks = 10;
  std::uint32_t heartbeat_ticks = 1;
  /// Raft thesis §9.6: a partitioned node does not raise the term of an election it cannot win.
  bool pre_vote = true;
  /// A leader that cannot hear a quorum steps down; votes wait out a live leader's lease.
  bool check_quorum = true;
  /// Of payload; one entry is always sent.
  std::uint64_t max_entries_bytes_per_append = 1U << 20U;
  std::uint64_t max_entries_per_append = 4096;
  std::uint64_t max_entries_per_apply = 4096;
  /// Append messages under way to one follower.
  std::uint32_t inflight_max = 256;
  /// Payload a leader may hold uncommitted before propose() refuses; a first proposal is taken
  /// whatever its size.
  std::uint64_t uncommitted_bytes_max = std::numeric_limits<std::uint64_t>::max();
  StorageMode storage = StorageMode::asynchronous;
  CommitNotice commit_notice = CommitNotice::at_once;
};

}  // namespace windtunnel::raft
