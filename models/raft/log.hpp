// One node's log in memory: what is appended, what of it is durable, committed and applied. It
// decides nothing about elections or followers. The applied prefix stays in memory until compaction
// exists.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/raft/entry.hpp"
#include "models/raft/position.hpp"

namespace windtunnel::raft {

/// Four marks move over the entries: base <= applied <= applying <= committed <= last, and base <=
/// stable <= storing
/// <= last. Broken preconditions end the run: they mean that a node lost what it had promised to
/// keep.
class Log {
 public:
  /// Everything given is durable; `applied` counts as committed.
  Log(EntryId base, std::vector<Entry> entries, Index applied);

  [[nodiscard]] Index base_index() const { return base_.index; }
  [[nodiscard]] Index last_index() const { return base_.index + entries_.size(); }
  [[nodiscard]] EntryId last() const { return entries_.empty() ? base_ : entries_.back().id(); }
  [[nodiscard]] Index committed() const { return committed_; }
  [[nodiscard]] Index applied() const { return applied_; }
  [[nodiscard]] Index stable() const { return stable_; }

  /// Absent outside [base, last].
  [[nodiscard]] std::optional<Term> term_at(Index index) const;
  [[nodiscard]] bool contains(EntryId id) const { return term_at(id.index) == id.term; }
  /// Whether a log that ends in `last` is at least as complete as this one (Raft paper §5.4.1).
  [[nodiscard]] bool is_covered_by(EntryId last) const;
  /// The greatest index at or below `index` whose term is at most `term`, with its term: the
  /// furthest place at which a log known to hold `term` at `index` can still agree with this one.
  /// One term costs one round trip this way.
  [[nodiscard]] EntryId agreement_before(Index index, Term term) const;

  /// Entries in [from, last], as many as fit the limits and at least one. Valid until the next
  /// change.
  [[nodiscard]] std::span<const Entry> read_from(Index from, std::uint64_t count_max,
                                                 std::uint64_t bytes_max) const;
  /// Entries in (after, through]. Precondition: both within the log. Valid until the next change.
  [[nodiscard]] std::span<const Entry> read_range(Index after, Index through) const;

  /// A leader's append; the entry must be the next one.
  void append(Entry entry);
  /// A follower's append after `previous`: drops what conflicts and returns the index up to which
  /// the logs now agree. Absent if this log does not hold `previous`. Takes the entries it needs
  /// out of `entries`.
  [[nodiscard]] std::optional<Index> try_append(EntryId previous, std::span<Entry> entries);

  /// Never goes back. Precondition: `index` is in the log.
  void commit_to(Index index);

  [[nodiscard]] bool has_unstable() const { return stable_ < last_index(); }
  [[nodiscard]] bool has_unstored() const { return storing_ < last_index(); }
  /// Entries not yet handed to storage; afterwards they are. `memory` is used again, its
  /// content goes.
  [[nodiscard]] std::vector<Entry> take_unstored(std::vector<Entry> memory = {});
  /// Storage holds everything up to `id`; ignored if that entry has been replaced since.
  void mark_stable(EntryId id);

  [[nodiscard]] bool has_unapplied(Index limit) const { return applying_ < limit; }
  /// Committed entries up to `limit` not yet handed to the application, at most `count_max`;
  /// afterwards they are. `memory` is used again, its content goes.
  [[nodiscard]] std::vector<Entry> take_unapplied(Index limit, std::uint64_t count_max,
                                                  std::vector<Entry> memory = {});
  /// Precondition: handed out before.
  void mark_applied(Index index);

 private:
  [[nodiscard]] std::size_t slot_of(Index index) const {
    return static_cast<std::size_t>(index - base_.index) - 1;
  }
  void truncate_from(Index index);

  EntryId base_;
  std::vector<Entry> entries_;
  Index stable_;
  Index storing_;
  Index committed_;
  Index applying_;
  Index applied_;
};

}  // namespace windtunnel::raft
