// The most recent events of a store, in order, in a ring of bounded size: what watches are served
// from and what reads of the past are undone with. The ring never holds half a revision without
// saying so: what it has dropped any part of is compacted.
#pragma once

#include <cstdint>
#include <vector>

#include "models/kv/event.hpp"

namespace windtunnel::kv {

class History {
 public:
  /// `events_max` is a bound on memory as well: an event keeps two commands alive.
  explicit History(std::size_t events_max);

  /// Revisions never descend. Allocates only while the ring grows.
  void record(Event&& event);

  /// Events are numbered from 0, for ever; those in [first(), end()) are held.
  [[nodiscard]] std::uint64_t first() const { return end_ - ring_.size(); }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  /// Precondition: held.
  [[nodiscard]] const Event& at(std::uint64_t number) const;

  /// Everything after this revision is held; of this one or earlier, something may be gone.
  [[nodiscard]] std::uint64_t compacted() const { return compacted_; }
  /// The number of the first event after `revision`, which must not lie before compacted().
  [[nodiscard]] std::uint64_t first_after(std::uint64_t revision) const;

 private:
  std::size_t events_max_;
  std::vector<Event> ring_;  // Full: the oldest stands at end_ modulo its size.
  std::uint64_t end_ = 0;
  std::uint64_t compacted_ = 0;
};

}  // namespace windtunnel::kv
