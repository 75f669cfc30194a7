// Where pending events live: 64-byte slots at stable addresses, handed out again in last-in,
// first-out order so that a slot just fired is still in the cache when the next event is scheduled.
// It leaves out when an event is due.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "runtime/check.hpp"
#include "sim/huge_page.hpp"

namespace windtunnel::sim {

class Scheduler;
struct EventSlot;

/// What a slot is asked to do with the callable in it.
enum class EventAction : std::uint8_t { run, drop };

/// A scheduled thing's place among all others at its instant, and the slot it lives in. Orders are
/// never used twice, so that a slot recognises its own key: the key of a cancelled event no longer
/// matches.
using EventOrder = std::uint64_t;

inline constexpr unsigned kEventSlotBits = 24;
inline constexpr std::uint32_t kEventSlotsMax = std::uint32_t{1} << kEventSlotBits;
inline constexpr std::uint64_t kEventSequenceMax = std::uint64_t{1} << (64U - kEventSlotBits);
inline constexpr EventOrder kNoEventOrder = ~EventOrder{0};

[[nodiscard]] constexpr EventOrder event_order(std::uint64_t sequence, std::uint32_t slot) {
  return (sequence << kEventSlotBits) | slot;
}

[[nodiscard]] constexpr std::uint32_t slot_of(EventOrder order) {
  return static_cast<std::uint32_t>(order) & (kEventSlotsMax - 1);
}

/// One pending event or one timeout: exactly one cache line, the only cold one that firing it
/// touches.
struct alignas(64) EventSlot {
  using Thunk = void (*)(Scheduler&, EventSlot&, std::uint32_t index, EventAction);
  static constexpr std::size_t kStorageBytes = 40;

  EventOrder order;          ///< Of the key queued for this slot, or kNoEventOrder.
  Thunk thunk;               ///< Knows the type in `storage`.
  std::uint32_t host;        ///< Attribution; the next free slot while this one is free.
  std::uint32_t generation;  ///< Not zero exactly while the slot is a timeout.
  alignas(8) std::array<std::byte, kStorageBytes> storage;
};
static_assert(sizeof(EventSlot) == 64);

/// Slots in blocks of two megabytes, one huge page each where the system grants it.
class EventSlab {
 public:
  EventSlab() = default;
  EventSlab(const EventSlab&) = delete;
  EventSlab& operator=(const EventSlab&) = delete;

  [[nodiscard]] EventSlot& operator[](std::uint32_t index) const {
    return blocks_[index >> kBlockBits][index & (kBlockSlots - 1)];
  }

  /// A free slot, its `generation` zero and its `order` none.
  [[nodiscard]] std::uint32_t acquire() {
    const std::uint32_t index = free_;
    if (index == kNone) [[unlikely]] {
      return acquire_fresh();
    }
    free_ = (*this)[index].host;
    return index;
  }

  /// Takes back a slot whose content is destroyed and whose `generation` is zero.
  void release(std::uint32_t index) {
    EventSlot& slot = (*this)[index];
    slot.order = kNoEventOrder;
    slot.host = free_;
    free_ = index;
  }

  /// Indices below this have been handed out at least once.
  [[nodiscard]] std::uint32_t used() const { return used_; }

  void reserve(std::uint32_t slots);

 private:
  static constexpr unsigned kBlockBits = 15;
  static constexpr std::uint32_t kBlockSlots = std::uint32_t{1} << kBlockBits;
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  std::uint32_t acquire_fresh();
  void add_block();

  std::uint32_t free_ = kNone;
  std::uint32_t used_ = 0;
  std::uint32_t block_count_ = 0;
  std::array<EventSlot*, kEventSlotsMax / kBlockSlots> blocks_{};
  std::vector<HugePage> pages_;
};

}  // namespace windtunnel::sim
