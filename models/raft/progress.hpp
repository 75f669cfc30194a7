// What a leader believes about one follower's log, and the flow control that follows from it. The
// rules are those of etcd/raft's tracker package (tracker/progress.go, tracker/inflights.go);
// nothing here sends anything.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

/// The last indexes of append messages that are under way, oldest first; a ring that allocates
/// once.
class Inflights {
 public:
  explicit Inflights(std::uint32_t capacity) : last_indexes_(capacity) {}

  [[nodiscard]] bool is_full() const { return count_ == last_indexes_.size(); }
  [[nodiscard]] std::uint32_t count() const { return count_; }

  /// Precondition: not full, and `last` is above every index added before.
  void add(Index last);
  /// Forgets all messages whose entries end at or before `acknowledged`.
  void free_through(Index acknowledged);
  void clear() { count_ = 0; }

 private:
  std::vector<Index> last_indexes_;
  std::uint32_t oldest_ = 0;
  std::uint32_t count_ = 0;
};

enum class ProgressState : std::uint8_t {
  probe,      ///< Where the logs agree is unknown: one append per heartbeat interval.
  replicate,  ///< Known: appends are pipelined up to the inflight limit.
};

class Progress {
 public:
  explicit Progress(std::uint32_t inflight_max) : inflights_(inflight_max) {}

  /// Back to not knowing anything, as at the start of a term: probing at `next`.
  void reset(Index match, Index next);

  [[nodiscard]] Index match() const { return match_; }
  [[nodiscard]] Index next() const { return next_; }
  [[nodiscard]] ProgressState state() const { return state_; }
  [[nodiscard]] const Inflights& inflights() const { return inflights_; }

  /// Whether nothing at all may be sent now.
  [[nodiscard]] bool is_paused() const { return paused_; }
  /// Whether telling this commit index could advance the follower's.
  [[nodiscard]] bool can_bump_commit(Index commit) const {
    return commit > sent_commit_ && sent_commit_ < next_.previous();
  }

  void become_probe();
  void become_replicate();

  void sent_entries(std::uint64_t count);
  void sent_commit(Index commit) { sent_commit_ = commit; }
  void free_inflights_through(Index acknowledged) { inflights_.free_through(acknowledged); }
  void resume() { paused_ = false; }

  /// The follower holds everything up to `index`. False: that was known before.
  [[nodiscard]] bool update_match(Index index);
  /// The follower refused an append that stood at `rejected`; the logs may agree at `hint`. False:
  /// stale, ignore.
  [[nodiscard]] bool back_up(Index rejected, Index hint);

 private:
  void enter(ProgressState state);

  Index match_;
  Index next_{1};      ///< match_ < next_ always.
  Index sent_commit_;  ///< The newest commit index told to the follower and not refused since.
  ProgressState state_ = ProgressState::probe;
  bool paused_ = false;
  Inflights inflights_;
};

/// One voter as a core sees it: its progress (leaders), its vote (candidates), and what it
/// confirmed (reads, lease).
struct Peer {
  HostId id;
  Progress progress;
  std::optional<bool> vote{};
  bool recently_active = false;
  std::uint64_t reads_confirmed = 0;
};

}  // namespace windtunnel::raft
