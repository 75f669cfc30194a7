// What a core did, as facts for the journal and for the invariant checker. They name what happened,
// not who it happened to: the host is added by whoever records them.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

/// An election timeout fired, or the leader handed over. `term` is the one campaigned for.
struct CandidacyStarted {
  static constexpr std::string_view kWireName = "raft.candidacy_started";

  Term term{};
  bool pre_vote = false;

  friend bool operator==(const CandidacyStarted&, const CandidacyStarted&) = default;
};
BOOST_DESCRIBE_STRUCT(CandidacyStarted, (), (term, pre_vote))

/// A real vote (not a pre-vote) is durable, a candidate's vote for itself included.
struct VoteGranted {
  static constexpr std::string_view kWireName = "raft.vote_granted";

  Term term{};
  HostId candidate{};

  friend bool operator==(const VoteGranted&, const VoteGranted&) = default;
};
BOOST_DESCRIBE_STRUCT(VoteGranted, (), (term, candidate))

/// `last` is where the leader's log ended when it was elected, before its own barrier entry.
struct LeaderElected {
  static constexpr std::string_view kWireName = "raft.leader_elected";

  Term term{};
  EntryId last{};

  friend bool operator==(const LeaderElected&, const LeaderElected&) = default;
};
BOOST_DESCRIBE_STRUCT(LeaderElected, (), (term, last))

enum class StepDownReason : std::uint8_t {
  higher_term,  ///< Another node is ahead.
  quorum_lost,  ///< No quorum was heard from for an election timeout.
};
BOOST_DESCRIBE_ENUM(StepDownReason, higher_term, quorum_lost)

/// `term` is the one that was led.
struct SteppedDown {
  static constexpr std::string_view kWireName = "raft.stepped_down";

  Term term{};
  StepDownReason reason = StepDownReason::higher_term;

  friend bool operator==(const SteppedDown&, const SteppedDown&) = default;
};
BOOST_DESCRIBE_STRUCT(SteppedDown, (), (term, reason))

/// The leader of `term` learned that everything up to `index` is committed.
struct CommitAdvanced {
  static constexpr std::string_view kWireName = "raft.commit_advanced";

  Term term{};
  Index index{};

  friend bool operator==(const CommitAdvanced&, const CommitAdvanced&) = default;
};
BOOST_DESCRIBE_STRUCT(CommitAdvanced, (), (term, index))

/// A committed entry was handed to the application; `term` is the entry's.
struct EntryApplied {
  static constexpr std::string_view kWireName = "raft.entry_applied";

  Index index{};
  Term term{};
  std::uint64_t checksum = 0;  ///< checksum_of() the payload.

  friend bool operator==(const EntryApplied&, const EntryApplied&) = default;
};
BOOST_DESCRIBE_STRUCT(EntryApplied, (), (index, term, checksum))

/// A core was built from a state that is not pristine. Application resumes after `applied`.
struct Restarted {
  static constexpr std::string_view kWireName = "raft.restarted";

  Term term{};
  Index last{};
  Index applied{};

  friend bool operator==(const Restarted&, const Restarted&) = default;
};
BOOST_DESCRIBE_STRUCT(Restarted, (), (term, last, applied))

using Fact = std::variant<CandidacyStarted, VoteGranted, LeaderElected, SteppedDown, CommitAdvanced,
                          EntryApplied, Restarted>;

/// A 64-bit checksum that is equal on every platform. It finds differences between replicas; it is
/// no defence against corruption on purpose.
[[nodiscard]] std::uint64_t checksum_of(std::string_view bytes);

}  // namespace windtunnel::raft
