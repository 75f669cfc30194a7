// The running fingerprint of a run: every event of the world goes in, in order. Two runs with equal
// digests had the same events; where they differ, the trace kept on request names the first event
// that does.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::sim {

enum class EventKind : std::uint32_t {
  message_delivered,
  message_lost,
  message_reset,
  alarm_fired,
  function_run,
  disk_completed,
  fact_recorded,
  host_started,
  host_stopped,
  host_paused,
  host_resumed,
  condition_imposed,
  condition_lifted,
};

[[nodiscard]] const char* name_of(EventKind kind);

/// One event as the digest sees it. No padding: its bytes are hashed.
struct TracedEvent {
  std::int64_t at_nanoseconds = 0;
  std::uint32_t host = 0;
  EventKind kind = EventKind::function_run;
  std::uint32_t subject = 0;  ///< The peer of a message; otherwise what the kind says.
  std::uint32_t type = 0;     ///< Wire id of the message or fact type.
  std::uint64_t content = 0;  ///< Hash of the encoded payload.

  friend bool operator==(const TracedEvent&, const TracedEvent&) = default;
};
static_assert(sizeof(TracedEvent) == 32);

/// 128-bit digest with a checkpoint after every kBlockEvents events. Cost per event: one 32-byte
/// store and a share of hashing 4 KiB.
class Digest {
 public:
  static constexpr std::size_t kBlockEvents = 128;

  void add(const TracedEvent& event) {
    block_[used_++] = event;
    if (used_ == block_.size()) {
      seal_block();
    }
  }

  /// Events so far.
  [[nodiscard]] std::uint64_t events() const { return sealed_events_ + used_; }

  /// 32 hexadecimal digits over all events so far.
  [[nodiscard]] std::string hex() const;

  /// The digest's lower half after each full block, oldest first.
  [[nodiscard]] const std::vector<std::uint64_t>& checkpoints() const { return checkpoints_; }

  /// From now on keeps every event, 32 bytes each.
  void keep_trace() { keeps_trace_ = true; }
  /// The kept events; call once the run has ended.
  [[nodiscard]] std::vector<TracedEvent> take_trace();

 private:
  struct Hash {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };

  void seal_block();
  [[nodiscard]] Hash chained() const;

  Hash chain_;
  std::array<TracedEvent, kBlockEvents> block_{};
  std::size_t used_ = 0;
  std::uint64_t sealed_events_ = 0;
  std::vector<std::uint64_t> checkpoints_;
  std::vector<TracedEvent> trace_;
  bool keeps_trace_ = false;
};

}  // namespace windtunnel::sim
