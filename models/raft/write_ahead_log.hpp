// The durable side of one Raft node: a single file of checksummed records on the host's disk.
// Writes are acknowledged in order; while one fsync is under way, the writes behind it gather and
// share the next one. Compaction is not here yet.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "models/raft/persistent_state.hpp"
#include "models/raft/ready.hpp"
#include "runtime/host.hpp"

namespace windtunnel::raft {

class WriteAheadLog {
 public:
  /// Called with each write, in order, once it and all before it are durable.
  using OnDurable = std::function<void(StorageAppend&)>;
  /// Called after each fsync, before the next one begins: what is written now shares it.
  using OnSynced = std::function<void()>;
  /// Called once when the disk fails; nothing is acknowledged after it.
  using OnFailure = std::function<void(error_code)>;
  struct Events {
    OnDurable on_durable;
    OnSynced on_synced;
    OnFailure on_failure;
  };

  WriteAheadLog(Host& host, std::string file, Events events);

  /// What the file holds: all records up to the first that is torn or corrupt, where the file is
  /// cut. A missing file is a node that never ran. Must complete before the first write.
  [[nodiscard]] asio::awaitable<PersistentState> load();

  void write(StorageAppend&& append);

  [[nodiscard]] bool is_syncing() const { return is_syncing_; }

 private:
  void sync();
  void acknowledge(std::size_t count);
  void fail(error_code error);

  Host& host_;
  std::string file_;
  Events events_;
  std::deque<StorageAppend> pending_;
  ByteBuffer record_;  ///< The last one written, kept for its memory.
  bool is_syncing_ = false;
  bool has_failed_ = false;
  std::optional<HardState> hint_;  ///< The latest commit index, not written yet.
};

}  // namespace windtunnel::raft
