#include "sim/digest.hpp"

#include <utility>

#include <xxhash.h>

namespace windtunnel::sim {

const char* name_of(EventKind kind) {
  switch (kind) {
    case EventKind::message_delivered:
      return "message delivered";
    case EventKind::message_lost:
      return "message lost";
    case EventKind::message_reset:
      return "connection reset";
    case EventKind::alarm_fired:
      return "alarm fired";
    case EventKind::function_run:
      return "posted function run";
    case EventKind::disk_completed:
      return "disk operation completed";
    case EventKind::fact_recorded:
      return "fact recorded";
    case EventKind::host_started:
      return "host started";
    case EventKind::host_stopped:
      return "host stopped";
    case EventKind::host_paused:
      return "host paused";
    case EventKind::host_resumed:
      return "host resumed";
    case EventKind::condition_imposed:
      return "condition imposed";
    case EventKind::condition_lifted:
      return "condition lifted";
  }
  return "?";
}

Digest::Hash Digest::chained() const {
  // The previous hash seeds the next block's two halves, so that blocks cannot be exchanged.
  const std::size_t bytes = used_ * sizeof(TracedEvent);
  const XXH128_hash_t hash = XXH3_128bits_withSeed(block_.data(), bytes, chain_.low);
  return {hash.low64, hash.high64 ^ (chain_.high * 0x9E3779B97F4A7C15ULL + chain_.low)};
}

void Digest::seal_block() {
  if (keeps_trace_) {
    trace_.insert(trace_.end(), block_.begin(),
                  block_.begin() + static_cast<std::ptrdiff_t>(used_));
  }
  chain_ = chained();
  sealed_events_ += used_;
  used_ = 0;
  checkpoints_.push_back(chain_.low);
}

std::string Digest::hex() const {
  const Hash hash = chained();
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t half : {hash.high, hash.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) {
      text += kDigits[(half >> shift) & 0xf];
    }
  }
  return text;
}

std::vector<TracedEvent> Digest::take_trace() {
  trace_.insert(trace_.end(), block_.begin(), block_.begin() + static_cast<std::ptrdiff_t>(used_));
  return std::exchange(trace_, {});
}

}  // namespace windtunnel::sim
