// One limiter per key (address, user, API key) in bounded memory: a hash table and a list by last
// use. When it is full the least recently used key makes way, as in Sentinel's hot parameter rules
// and, in a full zone, in nginx.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <xxhash.h>

#include "models/limit/decision.hpp"
#include "runtime/check.hpp"

namespace windtunnel::limit {

struct KeyedLimiterOptions {
  std::uint32_t keys_max = 1024;
  /// Keys up to this length never allocate once the table is full; a longer one may, once per slot.
  std::uint32_t key_bytes = 64;
  /// Set it from the run's seed where keys come from outside, so that nobody can choose keys that
  /// collide.
  std::uint64_t salt = 0;
};

/// Forgetting a key that has used some of its limit gives it the whole limit anew: whoever can make
/// up more keys than fit is not limited by key. forgotten() tells whether that happens.
template <typename Limiter>
class KeyedLimiter {
 public:
  /// `make` builds the limiter of a new key. Memory is taken here, but for the keys' own bytes,
  /// which are taken while the table fills.
  KeyedLimiter(const KeyedLimiterOptions& options, std::function<Limiter(Instant)> make)
      : options_(options), make_(std::move(make)) {
    check(options.keys_max > 0 && options.keys_max < kNone, "at least one key has room");
    slots_.reserve(options.keys_max);
    table_.assign(std::bit_ceil(std::size_t{options.keys_max} * 2), kNone);
  }

  /// Expected O(1), and allocates nothing once full.
  template <typename... Arguments>
  [[nodiscard]] Decision admit(Instant now, std::string_view key, const Arguments&... arguments) {
    return limiter(now, key).admit(now, arguments...);
  }

  /// The key's limiter, made where it has none; it is now the most recently used. Valid until the
  /// next call.
  [[nodiscard]] Limiter& limiter(Instant now, std::string_view key) {
    const std::uint64_t hash = XXH3_64bits_withSeed(key.data(), key.size(), options_.salt);
    std::uint32_t slot = find(hash, key);
    if (slot == kNone) {
      slot = claim(now, hash, key);
    } else if (slot != newest_) {
      unlink(slot);
      link_newest(slot);
    }
    return slots_[slot].limiter;
  }

  [[nodiscard]] bool contains(std::string_view key) const {
    return find(XXH3_64bits_withSeed(key.data(), key.size(), options_.salt), key) != kNone;
  }
  [[nodiscard]] std::size_t size() const { return slots_.size(); }
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }
  /// Evictions of keys whose limiter was not as good as new.
  [[nodiscard]] std::uint64_t forgotten() const { return forgotten_; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Slot {
    std::uint64_t hash;
    std::string key;
    Limiter limiter;
    std::uint32_t newer;
    std::uint32_t older;
  };

  [[nodiscard]] std::size_t home_of(std::uint64_t hash) const { return hash & (table_.size() - 1); }
  [[nodiscard]] std::size_t after(std::size_t place) const {
    return (place + 1) & (table_.size() - 1);
  }

  [[nodiscard]] std::uint32_t find(std::uint64_t hash, std::string_view key) const {
    for (std::size_t place = home_of(hash); table_[place] != kNone; place = after(place)) {
      const Slot& slot = slots_[table_[place]];
      if (slot.hash == hash && slot.key == key) {
        return table_[place];
      }
    }
    return kNone;
  }

  [[nodiscard]] std::uint32_t claim(Instant now, std::uint64_t hash, std::string_view key) {
    auto slot = static_cast<std::uint32_t>(slots_.size());
    if (slots_.size() < options_.keys_max) {
      slots_.push_back({hash, {}, make_(now), kNone, kNone});
      slots_.back().key.reserve(options_.key_bytes);
    } else {
      slot = oldest_;
      ++evicted_;
      forgotten_ += slots_[slot].limiter.is_fresh(now) ? 0U : 1U;
      unlink(slot);
      erase_from_table(slot);
      slots_[slot].hash = hash;
      slots_[slot].limiter = make_(now);
    }
    slots_[slot].key = key;
    link_newest(slot);
    std::size_t place = home_of(hash);
    while (table_[place] != kNone) {
      place = after(place);
    }
    table_[place] = slot;
    return slot;
  }

  /// Linear probing without tombstones: later members of the run move into the gap where they may
  /// (Knuth, The Art of Computer Programming 6.4, algorithm R).
  void erase_from_table(std::uint32_t slot) {
    std::size_t gap = home_of(slots_[slot].hash);
    while (table_[gap] != slot) {
      gap = after(gap);
    }
    const std::size_t mask = table_.size() - 1;
    for (std::size_t place = after(gap); table_[place] != kNone; place = after(place)) {
      const std::size_t home = home_of(slots_[table_[place]].hash);
      if (((place - home) & mask) >= ((place - gap) & mask)) {
        table_[gap] = table_[place];
        gap = place;
      }
    }
    table_[gap] = kNone;
  }

  void unlink(std::uint32_t slot) {
    const Slot& gone = slots_[slot];
    (gone.newer == kNone ? newest_ : slots_[gone.newer].older) = gone.older;
    (gone.older == kNone ? oldest_ : slots_[gone.older].newer) = gone.newer;
  }
  void link_newest(std::uint32_t slot) {
    slots_[slot].newer = kNone;
    slots_[slot].older = newest_;
    (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
  }

  KeyedLimiterOptions options_;
  std::function<Limiter(Instant)> make_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> table_;  ///< Open addressing, at most half full.
  std::uint32_t newest_ = kNone;
  std::uint32_t oldest_ = kNone;
  std::uint64_t evicted_ = 0;
  std::uint64_t forgotten_ = 0;
};

}  // namespace windtunnel::limit
