#include "models/kv/history.hpp"

#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::kv {

History::History(std::size_t events_max) : events_max_(events_max) {
  check(events_max > 0, "a history holds at least one event");
}

void History::record(Event&& event) {
  if (ring_.size() < events_max_) {
    ring_.push_back(std::move(event));
  } else {
    Event& oldest = ring_[static_cast<std::size_t>(end_ % events_max_)];
    compacted_ = oldest.revision;
    oldest = std::move(event);
  }
  ++end_;
}

const Event& History::at(std::uint64_t number) const {
  check(number >= first() && number < end_, "an event is read while it is held");
  return ring_[static_cast<std::size_t>(number % events_max_)];
}

std::uint64_t History::first_after(std::uint64_t revision) const {
  check(revision >= compacted_, "what is compacted cannot be found");
  std::uint64_t low = first();
  std::uint64_t high = end_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (at(middle).revision <= revision) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace windtunnel::kv
