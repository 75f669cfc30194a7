#include "sim/event_slab.hpp"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace windtunnel::sim {

namespace {

constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;

/// Asks for one huge page under the block: at a million events the page walks cost more than the
/// cache misses.
void prefer_huge_page([[maybe_unused]] void* block) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  static_cast<void>(madvise(block, kHugePageBytes, MADV_HUGEPAGE));
#endif
}

}  // namespace

EventSlab::~EventSlab() {
  for (std::uint32_t block = 0; block < block_count_; ++block) {
    ::operator delete(blocks_[block], std::align_val_t{kHugePageBytes});
  }
}

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
  void* const block = ::operator new(kHugePageBytes, std::align_val_t{kHugePageBytes});
  // The first block stays on small pages: most worlds touch little of it, and there are many
  // worlds.
  if (block_count_ > 0) {
    prefer_huge_page(block);
  }
  blocks_[block_count_++] = static_cast<EventSlot*>(block);
}

}  // namespace windtunnel::sim
