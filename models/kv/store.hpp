// The replicated state machine: keys and values with the revisions at which they came to be and
// were last written, the leases that some of them hang on, and the recent past. Semantics are those
// of etcd v3, but that a revision is the command's index in the replicated log: equal on every
// node, ascending, with gaps where a command changed nothing. A pure value; replication and serving
// are the Node's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/kv/command.hpp"
#include "models/kv/history.hpp"
#include "models/kv/lease_table.hpp"
#include "models/kv/messages.hpp"

namespace windtunnel::kv {

struct StoreOptions {
  /// How many events watches and reads of the past can go back. Equal on all nodes, or a watch may
  /// be refused on one and served on another.
  std::size_t history_events_max = 8192;
};

/// What became of one command.
struct Applied {
  ChangeOutcome outcome = ChangeOutcome::done;
  std::uint64_t key_revision = 0;  ///< When the key was last written; 0 where it does not exist.
};

class Store {
 public:
  explicit Store(StoreOptions options = {}) : history_(options.history_events_max) {}

  /// Applies one committed command; a payload that does not decode changes nothing (and cannot come
  /// from a Node). What it changed stands at the end of the history.
  Applied apply(std::uint64_t revision, const SharedBytes& command);

  [[nodiscard]] const Version* find(std::string_view key) const;
  /// The status is ok, or compacted where the past asked for is gone; the leader is left open.
  [[nodiscard]] ScanResponse scan(const ScanRequest& request) const;
  [[nodiscard]] std::size_t size() const { return size_; }

  /// Of the last command applied.
  [[nodiscard]] std::uint64_t revision() const { return revision_; }
  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] const LeaseTable& leases() const { return leases_; }

 private:
  // A B-tree of two levels: entries ascend within a chunk and over the chunks, and no chunk is
  // empty. A map would cost a node per key.
  using Chunk = std::vector<Version>;
  struct Place {
    std::size_t chunk = 0;
    std::size_t slot = 0;
  };

  Applied carry_out(const Put& put, const SharedBytes& command);
  Applied carry_out(const Delete& deletion, const SharedBytes& command);
  Applied carry_out(const CompareAndSet& compare_and_set, const SharedBytes& command);
  Applied carry_out(const GrantLease& grant, const SharedBytes& command);
  Applied carry_out(const RevokeLease& revocation, const SharedBytes& command);

  /// Where the first entry at or above `key` is, or would be in the chunk that it belongs to.
  [[nodiscard]] Place place_of(std::string_view key) const;
  [[nodiscard]] bool holds(Place place, std::string_view key) const;
  /// Returns what stood there before.
  Version write(const Version& version);
  bool erase(std::string_view key);
  void split(std::size_t at);
  [[nodiscard]] ScanResponse scan_now(const ScanRequest& request) const;
  [[nodiscard]] ScanResponse scan_past(const ScanRequest& request) const;

  std::vector<Chunk> chunks_;
  std::size_t size_ = 0;
  std::uint64_t revision_ = 0;
  History history_;
  LeaseTable leases_;
};

}  // namespace windtunnel::kv
