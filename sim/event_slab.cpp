#include "sim/event_slab.hpp"

namespace windtunnel::sim {

void EventSlab::reserve(std::uint32_t slots) {
  check(slots <= kEventSlotsMax, "more events reserved than a scheduler can hold");
  while (block_count_ * kBlockSlots < slots) {
    add_block();
  }
}

std::uint32_t EventSlab::acquire_fresh() {
  if (used_ == block_count_ * kBlockSlots) {
    check(used_ < kEventSlotsMax, "too many events pending at once");
    add_block();
  }
  const std::uint32_t index = used_++;
  EventSlot& slot = *::new (static_cast<void*>(&(*this)[index])) EventSlot;
  slot.order = kNoEventOrder;
  slot.generation = 0;
  return index;
}

void EventSlab::add_block() {
  static_assert(kBlockSlots * sizeof(EventSlot) == kHugePageBytes);
  // The first block stays on small pages: most worlds touch little of it, and there are many
  // worlds.
  HugePage& page = pages_.emplace_back(pages_.empty() ? make_small_pages() : make_huge_page());
  blocks_[block_count_++] = reinterpret_cast<EventSlot*>(page.get());
}

}  // namespace windtunnel::sim
