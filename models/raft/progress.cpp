#include "models/raft/progress.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::raft {

void Inflights::add(Index last) {
  check(!is_full(), "an append was sent beyond the inflight limit");
  const auto capacity = static_cast<std::uint32_t>(last_indexes_.size());
  const std::uint32_t slot = oldest_ + count_;
  last_indexes_[slot < capacity ? slot : slot - capacity] = last;
  ++count_;
}

void Inflights::free_through(Index acknowledged) {
  const auto capacity = static_cast<std::uint32_t>(last_indexes_.size());
  while (count_ > 0 && last_indexes_[oldest_] <= acknowledged) {
    oldest_ = oldest_ + 1 == capacity ? 0 : oldest_ + 1;
    --count_;
  }
}

void Progress::enter(ProgressState state) {
  state_ = state;
  paused_ = false;
  inflights_.clear();
}

void Progress::reset(Index match, Index next) {
  enter(ProgressState::probe);
  match_ = match;
  next_ = next;
  sent_commit_ = Index{};
}

void Progress::become_probe() {
  enter(ProgressState::probe);
  next_ = match_.next();
  sent_commit_ = std::min(sent_commit_, match_);
}

void Progress::become_replicate() {
  enter(ProgressState::replicate);
  next_ = match_.next();
}

void Progress::sent_entries(std::uint64_t count) {
  if (state_ == ProgressState::replicate) {
    if (count > 0) {
      next_ = next_ + count;
      inflights_.add(next_.previous());
    }
    // A message sent with a full window is a probe: nothing more until the follower is heard from.
    paused_ = inflights_.is_full();
  } else if (count > 0) {
    paused_ = true;
  }
}

bool Progress::update_match(Index index) {
  if (index <= match_) {
    return false;
  }
  match_ = index;
  next_ = std::max(next_, index.next());
  paused_ = false;
  return true;
}

bool Progress::back_up(Index rejected, Index hint) {
  if (state_ == ProgressState::replicate) {
    if (rejected <= match_) {
      return false;
    }
    next_ = match_.next();
    sent_commit_ = std::min(sent_commit_, match_);
    return true;
  }
  // A probe is alone on its way, so a refusal of anything else is old.
  if (next_.previous() != rejected) {
    return false;
  }
  next_ = std::max(std::min(rejected, hint.next()), match_.next());
  sent_commit_ = std::min(sent_commit_, next_.previous());
  paused_ = false;
  return true;
}

}  // namespace windtunnel::raft
