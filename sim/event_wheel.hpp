// The order of pending events: a priority queue of (instant, order) keys whose cost does not grow
// with their number. It knows a key's slot only to prefetch it and to see whether the key is stale;
// what an event does is left out.
//
// Keys lie in a hierarchical wheel on the bits of the instant (Varghese and Lauck, "Hashed and
// hierarchical timing wheels", SOSP 1987): 11 levels of 64 buckets, the level being the highest
// group of six bits in which the instant differs from the wheel's base. A bucket that is nearest
// and small is sorted straight into the *run*, a sorted array from which keys are popped; only
// large buckets cascade to the level below.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "sim/event_slab.hpp"
#include "sim/key_pool.hpp"

namespace windtunnel::sim {

class EventWheel {
 public:
  static constexpr std::uint64_t kForever = std::numeric_limits<std::uint64_t>::max();

  /// `slab` must outlive the wheel; a key is stale when its slot's order is not the key's.
  explicit EventWheel(const EventSlab& slab);

  /// The world's present: no key may be pushed before it.
  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  /// Requires that no key is earlier than `at`, and that time does not go back.
  void raise_floor(std::uint64_t at) { floor_ = at; }

  void push(EventKey key) {
    ++size_;
    if (key.at >= run_end_) [[likely]] {
      file(key);
    } else {
      insert(key);
    }
  }

  /// The least key, stale or not, unless it lies after `limit`; null then. Valid until the next
  /// push or pop.
  [[nodiscard]] const EventKey* front(std::uint64_t limit) {
    if (!early_.empty()) [[unlikely]] {
      return early_.front().at <= limit ? early_.data() : nullptr;
    }
    if (run_front_ == run_back_ && !load(limit)) [[unlikely]] {
      return nullptr;
    }
    return run_front_->at <= limit ? run_front_ : nullptr;
  }

  /// The key that comes so many after front(), if it is known already: for hints, since others may
  /// yet come before it.
  [[nodiscard]] const EventKey* behind_front(std::ptrdiff_t places) const {
    return run_back_ - run_front_ > places ? run_front_ + places : nullptr;
  }

  /// Removes what front() returned.
  void pop() {
    --size_;
    if (early_.empty()) [[likely]] {
      ++run_front_;
      if (run_back_ - run_front_ >= kLongRunKeys) [[unlikely]] {
        __builtin_prefetch(&slab_[slot_of(run_front_[kPrefetchDistance].order)]);
      }
    } else {
      pop_early();
    }
  }

  /// pop() for a key that front() returned and its slot no longer knows.
  void pop_stale() {
    --stale_;
    pop();
  }

  /// To be called once for each key that becomes stale, after its slot forgot it. Amortised O(1):
  /// all stale keys are removed when they are the greater part.
  void note_stale() {
    if (++stale_ > kStaleMin && stale_ > size_ / 2) [[unlikely]] {
      rebuild();
    }
  }

  /// Starts over from the present; requires that no key is left.
  void reset();

  void reserve(std::size_t keys);

  /// Keys held, stale ones included.
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t size_bytes() const;

 private:
  static constexpr unsigned kLevelBits = 6;
  static constexpr unsigned kBuckets = 1U << kLevelBits;
  static constexpr unsigned kLevels = 11;
  /// The run takes in further buckets up to this many keys, and spills when it has grown to the
  /// second number.
  static constexpr std::size_t kGatheredKeysMax = 32;
  static constexpr std::size_t kRunKeysMax = 128;
  /// Longer runs are those of one crowded instant; their slots are prefetched as they come near.
  static constexpr std::ptrdiff_t kLongRunKeys = 64;
  static constexpr std::ptrdiff_t kPrefetchDistance = 24;
  static constexpr std::size_t kEarlyMin = 64;
  static constexpr std::size_t kStaleMin = 1024;

  struct Bucket {
    EventKey* write = nullptr;
    EventKey* end = nullptr;
    KeyChunk* head = nullptr;
    KeyChunk* tail = nullptr;

    [[nodiscard]] bool is_single() const { return head == tail; }
    [[nodiscard]] std::size_t tail_keys() const {
      return static_cast<std::size_t>(write - tail->keys.data());
    }
  };

  [[nodiscard]] static constexpr unsigned level_of(std::uint64_t differing_bits) {
    return (63U - static_cast<unsigned>(std::countl_zero(differing_bits | 1U))) / kLevelBits;
  }

  /// Puts a key at or after the base into its bucket.
  void file(EventKey key) {
    const unsigned level = level_of(key.at ^ base_);
    const auto index = static_cast<unsigned>(key.at >> (level * kLevelBits)) & (kBuckets - 1);
    Bucket& bucket = buckets_[level * kBuckets + index];
    if (bucket.write == bucket.end) [[unlikely]] {
      extend(bucket, level, index);
    }
    *bucket.write++ = key;
  }

  void extend(Bucket& bucket, unsigned level, unsigned index);
  [[nodiscard]] Bucket take(unsigned level, unsigned index);
  template <typename Visit>
  void drain(const Bucket& bucket, Visit visit);

  bool load(std::uint64_t limit);
  void open_run(unsigned level, std::uint64_t start, const Bucket& bucket);
  void gather(unsigned level);
  void append_sorted(const Bucket& bucket, unsigned level);
  void append_instant(const Bucket& bucket);
  void prefetch_ahead(unsigned level) const;
  void prefetch_slots(const EventKey* keys, std::size_t count) const;

  void insert(EventKey key);
  void insert_from_front(EventKey key);
  void spill();
  void make_room(std::size_t keys);
  void insert_early(EventKey key);
  void pop_early();
  void rebuild();
  void refile(const EventKey& key);

  [[nodiscard]] std::size_t run_size() const {
    return static_cast<std::size_t>(run_back_ - run_front_);
  }

  // The run holds every key in [run_begin_, run_end_); buckets hold what is later, early_ (a heap)
  // what is earlier. The latter happens only after a look ahead that found nothing to run.
  EventKey* run_front_ = nullptr;
  EventKey* run_back_ = nullptr;
  std::uint64_t run_begin_ = 0;
  std::uint64_t run_end_ = 0;
  std::uint64_t base_ = 0;
  std::uint64_t floor_ = 0;
  std::size_t size_ = 0;
  std::size_t stale_ = 0;
  std::vector<EventKey> early_;
  std::unique_ptr<EventKey[]> run_;
  std::size_t run_capacity_ = 0;
  const EventSlab& slab_;
  KeyPool pool_;
  std::uint32_t levels_occupied_ = 0;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<Bucket, std::size_t{kLevels} * kBuckets> buckets_{};
};

}  // namespace windtunnel::sim
