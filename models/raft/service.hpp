// Runs a Raft core on a host: feeds it ticks and messages, gives its writes to the write-ahead log,
// sends what it wants sent and hands committed entries to the application. All decisions are the
// core's.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/raft/core.hpp"
#include "models/raft/write_ahead_log.hpp"
#include "runtime/host.hpp"
#include "runtime/timer.hpp"

namespace windtunnel::raft {

/// The disk failed and the node fell silent.
struct StorageFailed {
  static constexpr std::string_view kWireName = "raft.storage_failed";
  std::string error;
};
BOOST_DESCRIBE_STRUCT(StorageFailed, (), (error))

struct ServiceOptions {
  std::vector<HostId> voters;
  Duration tick = std::chrono::milliseconds{100};
  std::uint32_t heartbeat_ticks = 1;
  std::uint32_t election_ticks = 10;
  bool pre_vote = true;
  bool check_quorum = true;
  std::uint64_t max_entries_per_append = 256;
  std::uint64_t max_bytes_per_append = 1U << 20U;
  std::uint64_t uncommitted_bytes_max = std::uint64_t{64} << 20U;
  /// Clients are answered by the leader: followers may learn of a commit with the next message.
  CommitNotice commit_notice = CommitNotice::with_next_message;
};

/// What the service tells its application.
struct ServiceEvents {
  std::function<void(const Entry&)> on_apply;           ///< Each committed entry, in order.
  std::function<void(const ReadState&)> on_read_ready;  ///< Serve the read once `index` is applied.
  std::function<void(const SoftState&)> on_role_change;
  std::function<void()> on_log_synced;  ///< Proposals made now share the next fsync.
};

class Service {
 public:
  /// Starts at once: loads the log, then takes part. Until the log is loaded the node is deaf.
  Service(Host& host, ServiceOptions options, ServiceEvents events);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  /// One entry for each payload, all or none. Takes the payloads where accepted. Not empty.
  [[nodiscard]] Proposal propose(std::span<SharedBytes> batch);
  /// While it is, proposals do better to wait for on_log_synced and go together (group commit).
  [[nodiscard]] bool is_log_syncing() const { return log_.is_syncing(); }
  [[nodiscard]] ReadOutcome read_index(std::uint64_t context);
  [[nodiscard]] bool is_leader() const;
  [[nodiscard]] std::optional<HostId> leader() const;
  /// Zero until the log is loaded.
  [[nodiscard]] Term term() const;

 private:
  /// How long a peer has been spoken to without a word back.
  struct PeerSilence {
    HostId peer;
    bool awaits_answer = false;
    std::uint32_t ticks = 0;
  };

  asio::awaitable<void> run();
  [[nodiscard]] Options core_options();
  void receive(HostId from, Message& message);
  void tick();
  void watch_silence();
  void process();
  void send(Message&& message);
  void on_durable(StorageAppend& append);
  void record(const std::vector<Fact>& facts);

  Host& host_;
  ServiceOptions options_;
  ServiceEvents events_;
  WriteAheadLog log_;
  std::optional<Core> core_;
  Timer ticker_;
  std::vector<PeerSilence> silences_;
  Subscription subscription_;
  Ready ready_;  ///< Kept for its memory.
  bool is_processing_ = false;
};

}  // namespace windtunnel::raft
