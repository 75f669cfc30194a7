// Storage for the keys of the event wheel: fixed chunks from a pool, so that buckets fill and drain
// without allocating.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/event_slab.hpp"
#include "sim/huge_page.hpp"

namespace windtunnel::sim {

/// When something is due, and its place among all that is due then.
struct EventKey {
  std::uint64_t at;
  EventOrder order;

  // Written out instead of defaulted: a defaulted three-way comparison costs two more branches
  // here.
  friend bool operator<(const EventKey& left, const EventKey& right) {
    return left.at < right.at || (left.at == right.at && left.order < right.order);
  }
  friend bool operator>(const EventKey& left, const EventKey& right) { return right < left; }
};

/// A kilobyte of keys; all chunks of a bucket but its last are full.
struct alignas(64) KeyChunk {
  static constexpr std::size_t kKeys = 63;

  KeyChunk* next;
  std::uint64_t unused;
  std::array<EventKey, kKeys> keys;
};
static_assert(sizeof(KeyChunk) == 1024);

/// Owns all chunks; the free ones are reused last-in, first-out.
class KeyPool {
 public:
  [[nodiscard]] KeyChunk* acquire() {
    if (free_ == nullptr) [[unlikely]] {
      grow();
    }
    KeyChunk* const chunk = free_;
    free_ = chunk->next;
    return chunk;
  }

  void release(KeyChunk* chunk) {
    chunk->next = free_;
    free_ = chunk;
  }

  /// Makes at least `chunks` exist, free or in use.
  void reserve(std::size_t chunks) {
    while (chunk_count_ < chunks) {
      grow();
    }
  }

  [[nodiscard]] std::size_t size_bytes() const { return chunk_count_ * sizeof(KeyChunk); }

 private:
  void grow();
  void add(KeyChunk* chunks, std::size_t count);

  KeyChunk* free_ = nullptr;
  std::size_t chunk_count_ = 0;
  std::vector<std::unique_ptr<KeyChunk[]>> blocks_;
  std::vector<HugePage> pages_;
};

}  // namespace windtunnel::sim
