// A leader's linearizable reads on their way to confirmation (Raft thesis §6.4, ReadIndex). Reads
// are numbered in the order they came; a heartbeat carries the number of the newest, and a quorum
// that echoes number n has confirmed that this node still led after read n arrived. As in
// etcd/raft 3.7 (read_only.go), a retried context cannot be confused with an older one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "models/raft/position.hpp"
#include "runtime/id.hpp"

namespace windtunnel::raft {

struct PendingRead {
  HostId requester{};
  std::uint64_t context = 0;
  Index index{};  ///< The commit index when the read was taken on.
};

class ReadQueue {
 public:
  /// A read that must wait until an entry of the leader's own term is committed.
  void postpone(PendingRead read) { postponed_.push_back(read); }
  /// A read whose index is known and whose leader must be confirmed.
  void add(PendingRead read) { unconfirmed_.push_back(read); }

  [[nodiscard]] std::vector<PendingRead> take_postponed() { return std::exchange(postponed_, {}); }
  /// The number of the newest read; zero when no read waits, so that idle heartbeats carry none.
  [[nodiscard]] std::uint64_t newest() const {
    return unconfirmed_.empty() ? 0 : confirmed_ + unconfirmed_.size();
  }
  /// Takes out the reads numbered up to `number`.
  [[nodiscard]] std::vector<PendingRead> confirm_through(std::uint64_t number) {
    if (number <= confirmed_) {
      return {};
    }
    const auto end = unconfirmed_.begin() + static_cast<std::ptrdiff_t>(number - confirmed_);
    std::vector<PendingRead> reads{unconfirmed_.begin(), end};
    unconfirmed_.erase(unconfirmed_.begin(), end);
    confirmed_ = number;
    return reads;
  }

 private:
  std::vector<PendingRead> postponed_;
  std::vector<PendingRead> unconfirmed_;
  std::uint64_t confirmed_ = 0;
};

}  // namespace windtunnel::raft
