#include "models/service/running_jobs.hpp"

#include <tuple>

namespace windtunnel::service {

bool RunningJobs::precedes(Slot a, Slot b) const {
  const JobEntry& left = table_[a];
  const JobEntry& right = table_[b];
  return std::tie(left.finish, left.sequence) < std::tie(right.finish, right.sequence);
}

void RunningJobs::put(std::size_t place, Slot slot) {
  heap_[place] = slot;
  table_[slot].place = static_cast<std::uint32_t>(place);
}

void RunningJobs::add(Slot slot) {
  table_[slot].state = JobState::running;
  heap_.push_back(slot);
  move_up(heap_.size() - 1);
}

void RunningJobs::remove(Slot slot) {
  const std::size_t place = table_[slot].place;
  const Slot last = heap_.back();
  heap_.pop_back();
  if (last != slot) {
    put(place, last);
    move_up(place);
    move_down(table_[last].place);
  }
}

void RunningJobs::move_up(std::size_t place) {
  const Slot slot = heap_[place];
  while (place > 0) {
    const std::size_t parent = (place - 1) / 2;
    if (!precedes(slot, heap_[parent])) {
      break;
    }
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, slot);
}

void RunningJobs::move_down(std::size_t place) {
  const Slot slot = heap_[place];
  for (;;) {
    std::size_t child = 2 * place + 1;
    if (child >= heap_.size()) {
      break;
    }
    if (child + 1 < heap_.size() && precedes(heap_[child + 1], heap_[child])) {
      ++child;
    }
    if (!precedes(heap_[child], slot)) {
      break;
    }
    put(place, heap_[child]);
    place = child;
  }
  put(place, slot);
}

}  // namespace windtunnel::service
