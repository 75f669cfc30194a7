// A cluster of cores in memory with everything that can go wrong between them: messages wait in a
// bag and leave it in any order, storage and application answer late, a crash loses what was not
// durable. Who does what next is the caller's choice; every fact goes through the invariant
// checker.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "models/raft/core.hpp"
#include "models/raft/invariants.hpp"

namespace windtunnel::raft {

/// What one node finds again after a crash, and what it has been told to write but has not yet.
struct NodeStorage {
  PersistentState durable;
  std::deque<StorageAppend> pending;
};

/// One machine: its storage outlives its core.
struct Node {
  Options options;
  NodeStorage storage;
  std::unique_ptr<Core> core;  ///< Absent while crashed.
  std::deque<StorageApply> applying;
  std::vector<Entry> applied;  ///< The application's memory, empty again after each crash.
};

class Cluster {
 public:
  /// One node for each options, started from the state of the same place or, without states, from
  /// nothing. HostId n is node n.
  explicit Cluster(const std::vector<Options>& options, std::vector<PersistentState> states = {});

  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] const Node& node(std::size_t n) const { return nodes_[n]; }
  [[nodiscard]] bool is_up(std::size_t n) const { return nodes_[n].core != nullptr; }
  /// The first breach found; nothing after it is checked.
  [[nodiscard]] const std::optional<Breach>& breach() const { return breach_; }
  [[nodiscard]] std::vector<Message>& network() { return network_; }
  /// Facts of all nodes so far, with who stated them.
  [[nodiscard]] const std::vector<std::pair<HostId, Fact>>& facts() const { return facts_; }
  /// The leader of the highest term that is up, if any.
  [[nodiscard]] std::optional<std::size_t> leader() const;

  void tick(std::size_t n);
  void campaign(std::size_t n);
  Proposal propose(std::size_t n, SharedBytes data);
  void read_index(std::size_t n, std::uint64_t context);
  void transfer_leadership(std::size_t n, HostId to);
  /// Gives the message to its receiver, or nobody if that is down or one of the two is isolated.
  void deliver(Message message);
  /// The oldest write of node n becomes durable, and its responses go out. False: none waits.
  bool complete_write(std::size_t n);
  /// The oldest batch of node n is applied. False: none waits.
  bool complete_apply(std::size_t n);
  /// The oldest `writes_kept` pending writes reach the disk unanswered; everything else is lost.
  void crash(std::size_t n, std::size_t writes_kept);
  void restart(std::size_t n);
  /// From now on nothing reaches node n, and nothing it sends arrives.
  void isolate(std::size_t n) { isolated_.insert(HostId{static_cast<std::uint32_t>(n)}); }
  void reconnect_all() { isolated_.clear(); }

  /// Everything that waits anywhere happens, in order, until nothing is left.
  void settle();
  /// Reads answered since the last call.
  [[nodiscard]] std::vector<ReadState> take_read_states() { return std::exchange(reads_, {}); }

 private:
  /// Carries out what the core of node n asks until it asks for nothing more.
  void drain(std::size_t n);
  void observe(std::size_t n, const std::vector<Fact>& facts);

  std::vector<Node> nodes_;
  std::set<HostId> isolated_;
  std::vector<Message> network_;
  std::vector<ReadState> reads_;
  std::vector<std::pair<HostId, Fact>> facts_;
  Invariants invariants_;
  std::optional<Breach> breach_;
};

/// `size` voters with `common` options, each with its own id and its own timeouts from `seed`.
[[nodiscard]] std::vector<Options> options_for(std::uint32_t size, const Options& common,
                                               std::uint64_t seed);

/// Writes `append` as a correct disk would.
void write_to(PersistentState& durable, const StorageAppend& append);

}  // namespace windtunnel::raft
