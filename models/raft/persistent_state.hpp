// What a node must find again after a crash: the hard state and the log (Raft paper, Figure 2,
// "persistent state").
#pragma once

#include <optional>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/raft/entry.hpp"
#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

/// Term and vote must be durable before anything that follows from them leaves the node; commit is
/// only a hint that saves work after a restart.
struct HardState {
  Term term{};
  std::optional<HostId> vote{};
  Index commit{};

  friend bool operator==(const HardState&, const HardState&) = default;
};
BOOST_DESCRIBE_STRUCT(HardState, (), (term, vote, commit))

/// A core's starting point. All defaults: a node that was never started before.
struct PersistentState {
  HardState hard_state{};
  /// The entry just before `entries`; up to it everything is committed and applied.
  EntryId base{};
  /// Contiguous from base.index + 1.
  std::vector<Entry> entries{};
  /// What the application has durably applied; at least base.index.
  Index applied{};
};
BOOST_DESCRIBE_STRUCT(PersistentState, (), (hard_state, base, entries, applied))

}  // namespace windtunnel::raft
