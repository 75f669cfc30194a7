#include "models/service/job_queue.hpp"

#include <bit>

#include "runtime/check.hpp"

namespace windtunnel::service {

JobQueue::JobQueue(JobTable& table, std::uint32_t levels) : table_(table), lists_(levels) {
  check(levels > 0 && levels <= kLevelsMax, "a queue has 1 to 64 priority levels");
}

std::uint32_t JobQueue::most_urgent_level() const {
  return static_cast<std::uint32_t>(std::countr_zero(occupied_));
}

std::uint32_t JobQueue::least_urgent_level() const {
  return static_cast<std::uint32_t>(std::bit_width(occupied_)) - 1;
}

void JobQueue::push(Slot slot) {
  JobEntry& entry = table_[slot];
  List& list = lists_[entry.priority];
  entry.state = JobState::waiting;
  entry.previous = list.newest;
  entry.next = kNoSlot;
  if (list.newest == kNoSlot) {
    list.oldest = slot;
    occupied_ |= std::uint64_t{1} << entry.priority;
  } else {
    table_[list.newest].next = slot;
  }
  list.newest = slot;
  ++size_;
}

void JobQueue::remove(Slot slot) {
  const JobEntry& entry = table_[slot];
  List& list = lists_[entry.priority];
  (entry.previous == kNoSlot ? list.oldest : table_[entry.previous].next) = entry.next;
  (entry.next == kNoSlot ? list.newest : table_[entry.next].previous) = entry.previous;
  if (list.oldest == kNoSlot) {
    occupied_ &= ~(std::uint64_t{1} << entry.priority);
  }
  --size_;
}

}  // namespace windtunnel::service
