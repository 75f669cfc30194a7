// Raft's safety properties (Raft paper, Figure 3), checked from the facts of all nodes while a run
// goes on. It sees only what the cores state, never inside them; liveness is not its business.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/raft/facts.hpp"
#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

/// A property that does not hold, and how.
struct Breach {
  std::string invariant;  ///< "raft.election_safety", ...
  HostId host;            ///< Whose fact showed it.
  std::string what;
};

/// Feed it every fact, in the order they happened. Memory grows by 16 bytes for each committed
/// entry.
///
/// - raft.election_safety: one leader in a term.
/// - raft.single_vote: one durable vote in a term, also across restarts.
/// - raft.term_monotone: no durable vote in a term before that of an earlier one, also across
/// restarts.
/// - raft.leader_completeness: what a leader of an earlier term committed is in every later
/// leader's log, as far as
///   the log's length and last term tell.
/// - raft.commit_monotone: only a term's leader commits in it, and later commits are longer.
/// - raft.state_machine_safety: one entry for each index.
/// - raft.applied_in_order: no node skips an entry, or repeats one without a restart.
/// - raft.applied_is_committed: nothing is applied that no leader has committed.
class Invariants {
 public:
  /// Absent while everything holds.
  [[nodiscard]] std::optional<Breach> observe(HostId host, const Fact& fact);

 private:
  struct Leader {
    HostId host;
    EntryId last;
    Index committed;  ///< Zero until this leader commits.
  };
  struct Node {
    std::optional<VoteGranted> vote;
    Index applied;
  };
  struct Applied {
    Term term;  ///< Zero where nothing is known yet.
    std::uint64_t checksum = 0;
  };

  [[nodiscard]] std::optional<Breach> judge(HostId host, const CandidacyStarted& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const VoteGranted& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const LeaderElected& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const SteppedDown& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const CommitAdvanced& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const EntryApplied& fact);
  [[nodiscard]] std::optional<Breach> judge(HostId host, const Restarted& fact);

  std::map<Term, Leader> leaders_;
  std::map<HostId, Node> nodes_;
  std::vector<Applied> applied_;  ///< By index - 1.
  Index committed_;  ///< The furthest any leader has committed, or any node started from.
};

}  // namespace windtunnel::raft
