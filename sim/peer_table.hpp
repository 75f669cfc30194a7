// What one host keeps for each of its peers: a pointer found in one step, since every message looks
// it up. Only looked up and added to; nothing iterates over it, so its order is nobody's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/id.hpp"

namespace windtunnel::sim {

/// Open addressing with linear probing (Knuth, The Art of Computer Programming 3, 6.4, algorithm
/// L), at most half full. Adding is amortised O(1), as is finding.
template <typename T>
class PeerTable {
 public:
  /// Null where nothing is kept for the peer.
  [[nodiscard]] T* find(HostId peer) const {
    if (entries_.empty()) {
      return nullptr;
    }
    const Entry& entry = entries_[place_of(peer)];
    return entry.value;
  }

  /// Precondition: nothing is kept for the peer, and `value` is not null.
  void add(HostId peer, T* value) {
    if (2 * (size_ + 1) > entries_.size()) {
      grow();
    }
    entries_[place_of(peer)] = {peer, value};
    ++size_;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Entry {
    HostId peer;
    T* value = nullptr;  ///< Null in an empty place.
  };

  /// Of the peer, or the empty one where it belongs.
  [[nodiscard]] std::size_t place_of(HostId peer) const {
    constexpr std::uint32_t kGolden =
        0x9E3779B9U;  // Knuth's multiplier, 2^32 over the golden ratio.
    const std::size_t mask = entries_.size() - 1;
    std::size_t place = ((peer.value() * kGolden) >> 8U) & mask;
    while (entries_[place].value != nullptr && entries_[place].peer != peer) {
      place = (place + 1) & mask;
    }
    return place;
  }

  void grow() {
    constexpr std::size_t kFirst = 4;
    std::vector<Entry> before(entries_.empty() ? kFirst : 2 * entries_.size());
    before.swap(entries_);
    for (const Entry& entry : before) {
      if (entry.value != nullptr) {
        entries_[place_of(entry.peer)] = entry;
      }
    }
  }

  std::vector<Entry> entries_;  // As many as a power of two, or none.
  std::size_t size_ = 0;
};

}  // namespace windtunnel::sim
