#include "sim/event_wheel.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace windtunnel::sim {

namespace {

constexpr std::size_t kInsertionSortMax = 6;

/// Orders [begin, end), which is expected to be nearly in order.
void insertion_sort(EventKey* begin, EventKey* end) {
  for (EventKey* next = begin + 1; next < end; ++next) {
    const EventKey key = *next;
    EventKey* hole = next;
    while (hole != begin && key < hole[-1]) {
      *hole = hole[-1];
      --hole;
    }
    *hole = key;
  }
}

/// Where a loop only prefetches, g++ 12 takes it for one without effect and deletes it, unless it
/// contains this.
inline void keep_loop() {
  asm volatile("");
}

/// A large bucket's chunks lie anywhere in memory: each arrives while the one before it is filed.
void prefetch_keys(const KeyChunk& chunk, std::size_t count = KeyChunk::kKeys) {
  constexpr std::size_t kKeysPerLine = 64 / sizeof(EventKey);
  for (std::size_t key = 0; key < count; key += kKeysPerLine) {
    __builtin_prefetch(&chunk.keys[key]);
    keep_loop();
  }
}

/// Copies `count` <= 255 keys to `out`, stably ordered by the six bits of their instants above
/// `shift`. The 64 counters are bytes of eight words, so that a multiplication sums eight of them
/// at once.
void distribute(const EventKey* keys, std::size_t count, unsigned shift, EventKey* out) {
  std::array<std::uint64_t, 8> places{};
  const auto digit_of = [shift](const EventKey& key) {
    return static_cast<unsigned>(key.at >> shift) & 63U;
  };
  for (std::size_t index = 0; index < count; ++index) {
    const unsigned digit = digit_of(keys[index]);
    places[digit >> 3U] += std::uint64_t{1} << ((digit & 7U) * 8);
  }
  std::uint64_t before = 0;
  for (std::uint64_t& word : places) {
    const std::uint64_t sums = word * 0x0101'0101'0101'0101U + before * 0x0101'0101'0101'0101U;
    before = sums >> 56U;
    word = sums - word;
  }
  for (std::size_t index = 0; index < count; ++index) {
    const unsigned digit = digit_of(keys[index]);
    std::uint64_t& word = places[digit >> 3U];
    out[(word >> ((digit & 7U) * 8)) & 255U] = keys[index];
    word += std::uint64_t{1} << ((digit & 7U) * 8);
  }
}

}  // namespace

EventWheel::EventWheel(const EventSlab& slab) : slab_(slab) {
  run_capacity_ = 4 * kRunKeysMax;
  run_.reset(new EventKey[run_capacity_]);
  run_front_ = run_back_ = run_.get();
  early_.reserve(2 * kEarlyMin);
}

void EventWheel::reserve(std::size_t keys) {
  // Every bucket may end in a chunk that is not full, and a rebuild holds the old buckets while it
  // fills the new ones.
  pool_.reserve(keys / KeyChunk::kKeys + 2 * buckets_.size());
}

std::size_t EventWheel::size_bytes() const {
  return pool_.size_bytes() + (run_capacity_ + early_.capacity()) * sizeof(EventKey);
}

void EventWheel::extend(Bucket& bucket, unsigned level, unsigned index) {
  KeyChunk* const chunk = pool_.acquire();
  chunk->next = nullptr;
  if (bucket.tail == nullptr) {
    bucket.head = chunk;
    occupied_[level] |= std::uint64_t{1} << index;
    levels_occupied_ |= 1U << level;
  } else {
    bucket.tail->next = chunk;
  }
  bucket.tail = chunk;
  bucket.write = chunk->keys.data();
  bucket.end = bucket.write + KeyChunk::kKeys;
}

EventWheel::Bucket EventWheel::take(unsigned level, unsigned index) {
  occupied_[level] &= ~(std::uint64_t{1} << index);
  if (occupied_[level] == 0) {
    levels_occupied_ &= ~(1U << level);
  }
  return std::exchange(buckets_[level * kBuckets + index], Bucket{});
}

/// Visits each chunk's keys as (pointer, count) and gives the chunk back after the visit.
template <typename Visit>
void EventWheel::drain(const Bucket& bucket, Visit visit) {
  for (KeyChunk* chunk = bucket.head; chunk != nullptr;) {
    if (chunk->next != nullptr) {
      prefetch_keys(*chunk->next);
    }
    visit(chunk->keys.data(), chunk == bucket.tail ? bucket.tail_keys() : KeyChunk::kKeys);
    KeyChunk* const next = chunk->next;
    pool_.release(chunk);
    chunk = next;
  }
}

/// Fills the empty run from the nearest bucket that does not begin after `limit`. The run never
/// begins after `limit`, so that a later push at `limit` is not an early one.
bool EventWheel::load(std::uint64_t limit) {
  while (levels_occupied_ != 0) {
    const auto level = static_cast<unsigned>(std::countr_zero(levels_occupied_));
    const auto index = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    const unsigned shift = level * kLevelBits;
    const std::uint64_t above = base_ & ((~std::uint64_t{0} << shift) << kLevelBits);
    const std::uint64_t start = above | (std::uint64_t{index} << shift);
    if (start > limit) {
      return false;
    }
    const Bucket bucket = take(level, index);
    base_ = run_begin_ = start;
    if (level == 0 || bucket.is_single()) {
      open_run(level, start, bucket);
      return true;
    }
    run_end_ = start;
    drain(bucket, [this](const EventKey* keys, std::size_t count) {
      std::for_each(keys, keys + count, [this](const EventKey& key) { file(key); });
    });
  }
  return false;
}

void EventWheel::open_run(unsigned level, std::uint64_t start, const Bucket& bucket) {
  run_front_ = run_back_ = run_.get();
  run_end_ = start + (std::uint64_t{1} << (level * kLevelBits));
  if (!bucket.is_single()) {
    append_instant(bucket);
    return;
  }
  append_sorted(bucket, level);
  gather(level);
  prefetch_ahead(level);
}

/// The slots of the bucket that comes next, and the keys of the one behind it: what is asked for
/// now is there when this run has been popped.
void EventWheel::prefetch_ahead(unsigned level) const {
  std::uint64_t ahead = occupied_[level];
  if (ahead == 0) {
    return;
  }
  const Bucket& next = buckets_[level * kBuckets + static_cast<unsigned>(std::countr_zero(ahead))];
  const std::size_t keys = next.is_single() ? next.tail_keys() : KeyChunk::kKeys;
  prefetch_slots(next.head->keys.data(), std::min(keys, kGatheredKeysMax));
  ahead &= ahead - 1;
  if (ahead != 0) {
    const Bucket& behind =
        buckets_[level * kBuckets + static_cast<unsigned>(std::countr_zero(ahead))];
    prefetch_keys(*behind.head, behind.is_single() ? behind.tail_keys() : KeyChunk::kKeys);
  }
}

/// Extends the run by the small buckets that follow on the same level: one or two keys a bucket are
/// no rare case.
void EventWheel::gather(unsigned level) {
  while (occupied_[level] != 0) {
    const auto index = static_cast<unsigned>(std::countr_zero(occupied_[level]));
    const Bucket& next = buckets_[level * kBuckets + index];
    if (!next.is_single() || run_size() + next.tail_keys() > kGatheredKeysMax) {
      return;
    }
    const unsigned shift = level * kLevelBits;
    const std::uint64_t above = base_ & ((~std::uint64_t{0} << shift) << kLevelBits);
    base_ = above | (std::uint64_t{index} << shift);
    run_end_ = base_ + (std::uint64_t{1} << shift);
    append_sorted(take(level, index), level);
  }
}

void EventWheel::append_sorted(const Bucket& bucket, unsigned level) {
  const std::size_t count = bucket.tail_keys();
  const EventKey* const keys = bucket.head->keys.data();
  prefetch_slots(keys, count);
  if (level == 0 || count <= kInsertionSortMax) {
    std::copy(keys, keys + count, run_back_);
  } else {
    distribute(keys, count, (level - 1) * kLevelBits, run_back_);
  }
  insertion_sort(run_back_, run_back_ + count);
  run_back_ += count;
  pool_.release(bucket.head);
}

/// Appends any number of keys of one and the same instant. They are out of order only where
/// timeouts were re-armed.
void EventWheel::append_instant(const Bucket& bucket) {
  drain(bucket, [this](const EventKey* keys, std::size_t count) {
    make_room(count);
    run_back_ = std::copy(keys, keys + count, run_back_);
  });
  if (!std::is_sorted(run_front_, run_back_)) {
    std::sort(run_front_, run_back_);
  }
}

/// The run's slots arrive while its keys are sorted.
void EventWheel::prefetch_slots(const EventKey* keys, std::size_t count) const {
  for (const EventKey* key = keys; key != keys + count; ++key) {
    __builtin_prefetch(&slab_[slot_of(key->order)]);
    keep_loop();
  }
}

void EventWheel::insert(EventKey key) {
  if (key.at < run_begin_) {
    insert_early(key);
    return;
  }
  if (run_size() >= kRunKeysMax && run_end_ - run_begin_ > 1) {
    spill();
    --size_;
    push(key);
    return;
  }
  // Most keys are due soon: where popping has left a gap, the few before them make room.
  if (run_front_ != run_.get() && run_size() > 1 && key < run_front_[run_size() / 2]) {
    insert_from_front(key);
    return;
  }
  make_room(1);
  EventKey* hole = run_back_++;
  while (hole != run_front_ && key < hole[-1]) {
    *hole = hole[-1];
    --hole;
  }
  *hole = key;
}

/// Precondition: there is room ahead of the run, and a later key in it.
void EventWheel::insert_from_front(EventKey key) {
  EventKey* hole = --run_front_;
  for (; hole[1] < key; ++hole) {
    *hole = hole[1];
  }
  *hole = key;
}

/// Narrows the run to the present instant and files the rest: the run was opened while events were
/// sparse. The levels below the run's are empty, and moving the base back inside the run's window
/// leaves all other buckets where they are.
void EventWheel::spill() {
  run_begin_ = std::max(run_begin_, floor_);
  base_ = run_begin_;
  run_end_ = run_begin_ + 1;
  EventKey* const rest = std::find_if(run_front_, run_back_,
                                      [this](const EventKey& key) { return key.at >= run_end_; });
  std::for_each(rest, run_back_, [this](const EventKey& key) { file(key); });
  run_back_ = rest;
}

void EventWheel::make_room(std::size_t keys) {
  const std::size_t used = static_cast<std::size_t>(run_back_ - run_.get());
  if (used + keys <= run_capacity_) {
    return;
  }
  const std::size_t size = run_size();
  if (size + keys > run_capacity_ / 2) {
    run_capacity_ *= 2;
    std::unique_ptr<EventKey[]> wider{new EventKey[run_capacity_]};
    std::copy(run_front_, run_back_, wider.get());
    run_ = std::move(wider);
  } else {
    std::copy(run_front_, run_back_, run_.get());
  }
  run_front_ = run_.get();
  run_back_ = run_front_ + size;
}

void EventWheel::insert_early(EventKey key) {
  early_.push_back(key);
  std::push_heap(early_.begin(), early_.end(), std::greater<>{});
  if (early_.size() > kEarlyMin && early_.size() > size_ / 4) {
    rebuild();
  }
}

void EventWheel::pop_early() {
  std::pop_heap(early_.begin(), early_.end(), std::greater<>{});
  early_.pop_back();
}

void EventWheel::reset() {
  base_ = run_begin_ = run_end_ = floor_;
}

/// Files every key anew from the present on and leaves out the stale ones.
void EventWheel::rebuild() {
  const auto old = std::exchange(buckets_, {});
  occupied_.fill(0);
  levels_occupied_ = 0;
  size_ = 0;
  stale_ = 0;
  reset();
  const auto refile_all = [this](const EventKey* keys, std::size_t count) {
    std::for_each(keys, keys + count, [this](const EventKey& key) { refile(key); });
  };
  refile_all(run_front_, run_size());
  run_front_ = run_back_ = run_.get();
  refile_all(early_.data(), early_.size());
  early_.clear();
  for (const Bucket& bucket : old) {
    drain(bucket, refile_all);
  }
}

void EventWheel::refile(const EventKey& key) {
  if (slab_[slot_of(key.order)].order == key.order) {
    ++size_;
    file(key);
  }
}

}  // namespace windtunnel::sim
