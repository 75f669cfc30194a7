// One Raft node as a pure state machine with the shape of etcd/raft: messages and ticks go in, a
// Ready comes out, and storage is one more party that answers with messages. No I/O, no clock, no
// thread. The membership is fixed and the log is kept whole: membership changes and snapshots are
// not here yet.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/raft/log.hpp"
#include "models/raft/message.hpp"
#include "models/raft/options.hpp"
#include "models/raft/persistent_state.hpp"
#include "models/raft/progress.hpp"
#include "models/raft/quorum.hpp"
#include "models/raft/read_queue.hpp"
#include "models/raft/ready.hpp"

namespace windtunnel::raft {

enum class ProposalOutcome : std::uint8_t {
  accepted,
  not_leader,    ///< Ask `Proposal::leader`, if known.
  over_limit,    ///< Too much is uncommitted; try again later.
  transferring,  ///< Leadership is being handed over.
};

/// What became of a proposal. Accepted means appended here, not committed: it is committed when the
/// application is handed the entry `last`, and lost when it is handed another entry at that index.
struct Proposal {
  ProposalOutcome outcome = ProposalOutcome::not_leader;
  EntryId last{};                  ///< Of the last entry proposed, where accepted.
  std::optional<HostId> leader{};  ///< The leader as far as known.
};

enum class ReadOutcome : std::uint8_t {
  asked,      ///< A ReadState will come, or nothing if a message or leadership is lost.
  no_leader,  ///< Nobody to ask.
};

enum class TransferOutcome : std::uint8_t {
  started,  ///< Given up after an election timeout if nothing comes of it.
  not_leader,
  no_such_voter,
  already_leading,
};

/// A core's state at a glance.
struct State {
  HostId id{};
  Role role = Role::follower;
  Term term;
  std::optional<HostId> vote;
  std::optional<HostId> leader;
  Index commit;
  Index applied;
  EntryId last;
};

class Core {
 public:
  /// `state` is what storage holds now: nothing handed out by an earlier core of this node may
  /// reach it afterwards.
  Core(Options options, PersistentState state);

  /// Takes a message from a peer, or one that storage was given to send back. Messages from hosts
  /// that are not voters are ignored. Precondition: message.to is this node, and message.from is
  /// who really sent it.
  void step(Message message);
  /// One unit of the core's only notion of time.
  void tick();

  [[nodiscard]] Proposal propose(SharedBytes data);
  /// Proposes one entry for each payload, all or none, and replicates them in as few messages as
  /// possible. Takes the payloads out of `batch` where accepted. Precondition: not empty.
  [[nodiscard]] Proposal propose(std::span<SharedBytes> batch);
  /// Campaigns at once, as if the election timeout had fired; nothing on a leader.
  void campaign();
  /// Asks for an index that makes a read linearizable once applied (Raft thesis §6.4; no clock is
  /// trusted).
  /// `context` must be new among all reads of this node, those before a restart included: an
  /// answer that was long under way would otherwise be taken for this read's.
  [[nodiscard]] ReadOutcome read_index(std::uint64_t context);
  /// Brings `to` up to date, then has it campaign. Proposals are refused until it is over.
  [[nodiscard]] TransferOutcome transfer_leadership(HostId to);
  /// The transport lost messages to `peer`: a leader returns to probing it instead of waiting for
  /// answers.
  void report_unreachable(HostId peer);

  [[nodiscard]] bool has_ready() const;
  /// Hands everything over; what is in it counts as under way from here on.
  [[nodiscard]] Ready ready();
  /// The same into a Ready that is used again: what it held is gone, its memory is not.
  void ready(Ready& ready);
  /// Takes a write that was carried out, for its memory.
  void recycle(StorageAppend&& append);
  /// StorageMode::synchronous only: the last Ready is carried out entirely.
  void advance();

  [[nodiscard]] State state() const;
  [[nodiscard]] const Log& log() const { return log_; }
  /// Every voter in ascending order of id, this node among them. Progress means something only on a
  /// leader.
  [[nodiscard]] std::span<const Peer> peers() const { return peers_; }

 private:
  enum class Election : std::uint8_t { pre_vote, vote, transfer };

  // core.cpp: dispatch, time, outputs.
  void step_storage(const Message& message);
  [[nodiscard]] bool admit_higher_term(const Message& message);
  void answer_lower_term(const Message& message);
  void step_leader(Message& message);
  void step_candidate(Message& message);
  void step_follower(Message& message);
  void tick_election();
  void tick_leader();
  void send(Message&& message);
  void send_when_durable(Message&& message);
  [[nodiscard]] HardState hard_state() const;
  [[nodiscard]] SoftState soft_state() const { return {role_, leader_}; }
  [[nodiscard]] Index appliable() const;
  [[nodiscard]] std::optional<StorageAppend> take_append();
  [[nodiscard]] std::optional<StorageApply> take_apply();
  [[nodiscard]] Message storage_append_response() const;

  // election.cpp: roles and votes.
  void reset(Term term);
  void become_follower(Term term, std::optional<HostId> leader);
  void become_candidate();
  void become_pre_candidate();
  void become_leader();
  void start_election(Election kind);
  void handle_vote_request(const Message& message);
  void handle_vote_response(const Message& message);
  [[nodiscard]] bool holds_lease() const;
  [[nodiscard]] bool quorum_is_active() const;

  // replication.cpp: a leader's appends and a follower's answers.
  void append_own(EntryKind kind, SharedBytes data);
  void acknowledge_own();
  void broadcast_append();
  void send_append(Peer& peer);
  [[nodiscard]] bool send_next_entries(Peer& peer);
  [[nodiscard]] std::span<const Entry> sendable_entries(const Progress& progress) const;
  void send_entries(Peer& peer, std::span<const Entry> entries);
  void handle_append(Message& message);
  void handle_append_response(Peer& peer, const Message& message);
  void handle_append_rejection(Peer& peer, const Message& message);
  void handle_heartbeat(const Message& message);
  void handle_heartbeat_response(Peer& peer, const Message& message);
  void broadcast_heartbeat();
  [[nodiscard]] bool advance_commit();

  // reading.cpp: linearizable reads.
  void take_on_read(PendingRead read);
  void take_on_postponed_reads();
  void confirm_reads();
  void answer_read(const PendingRead& read);
  [[nodiscard]] bool has_committed_in_own_term() const;

  [[nodiscard]] Peer* find_peer(HostId id);
  [[nodiscard]] Peer& self();

  Options options_;
  Log log_;
  std::vector<Peer> peers_;
  std::vector<Index> quorum_scratch_;
  ReadQueue reads_;
  bool read_round_due_ = false;

  Term term_;
  std::optional<HostId> vote_;
  Role role_ = Role::follower;
  std::optional<HostId> leader_;
  std::optional<HostId> transferee_;
  std::uint32_t election_elapsed_ = 0;
  std::uint32_t heartbeat_elapsed_ = 0;
  std::uint32_t election_timeout_ = 0;
  std::uint64_t uncommitted_bytes_ =
      0;  ///< Of a leader, estimated: falls when entries are applied.

  std::vector<Message> messages_;
  std::vector<Message> messages_when_durable_;
  std::vector<StorageAppend> spare_appends_;  ///< Empty vectors with their memory.
  std::vector<Entry> spare_apply_;
  std::vector<ReadState> read_states_;
  std::vector<Fact> facts_;
  std::vector<Fact> facts_when_durable_;
  std::vector<Message> steps_on_advance_;  ///< StorageMode::synchronous: own storage's answers.
  HardState reported_hard_state_;
  SoftState reported_soft_state_;
};

}  // namespace windtunnel::raft
