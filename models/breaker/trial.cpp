#include "models/breaker/trial.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

Trial::Trial(const TrialOptions& options) : options_(options), slots_(options.permits) {
  check(options.permits > 0, "a trial needs a call to judge by");
  check(options.decide_after <= options.permits, "a trial waits for no more calls than it admits");
  check(options.leak_timeout > Duration::zero(), "a permit may be out for a while");
  if (options_.decide_after == 0) {
    options_.decide_after = options_.permits;
  }
  begin();
}

void Trial::begin() {
  ended_ = {};
  outstanding_ = 0;
  oldest_ = newest_ = free_ = kNone;
  latest_ = Instant::min();
  for (std::uint32_t slot = options_.permits; slot-- > 0;) {
    slots_[slot] = Slot{.newer = free_};
    free_ = slot;
  }
}

std::optional<std::uint32_t> Trial::take(Instant now, std::uint64_t serial) {
  check(serial != 0, "a permit of a trial has a number");
  if (outstanding_ + ended_.calls >= options_.permits) {
    return std::nullopt;
  }
  const std::uint32_t slot = free_;
  free_ = slots_[slot].newer;
  slots_[slot] = Slot{serial, now, newest_, kNone};
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
  newest_ = slot;
  latest_ = now;
  ++outstanding_;
  return slot;
}

bool Trial::give_back(std::uint32_t slot, std::uint64_t serial) {
  if (slot >= slots_.size() || slots_[slot].serial != serial) {
    return false;
  }
  release(slot);
  return true;
}

bool Trial::end(std::uint32_t slot, std::uint64_t serial, CallSample sample) {
  if (!give_back(slot, serial)) {
    return false;
  }
  ended_ += counts_of(sample);
  return true;
}

void Trial::release(std::uint32_t slot) {
  const Slot leaving = slots_[slot];
  (leaving.older == kNone ? oldest_ : slots_[leaving.older].newer) = leaving.newer;
  (leaving.newer == kNone ? newest_ : slots_[leaving.newer].older) = leaving.older;
  slots_[slot] = Slot{.newer = free_};
  free_ = slot;
  --outstanding_;
}

std::uint32_t Trial::expire(Instant now) {
  if (now < latest_) {
    move_back(now);
  }
  latest_ = now;
  std::uint32_t leaked = 0;
  while (oldest_ != kNone && now - slots_[oldest_].taken >= options_.leak_timeout) {
    release(oldest_);
    ++leaked;
  }
  return leaked;
}

void Trial::move_back(Instant now) {
  for (std::uint32_t slot = oldest_; slot != kNone; slot = slots_[slot].newer) {
    slots_[slot].taken = std::min(slots_[slot].taken, now);
  }
}

std::optional<Instant> Trial::next_leak() const {
  if (oldest_ == kNone) {
    return std::nullopt;
  }
  return instant_after(slots_[oldest_].taken, options_.leak_timeout);
}

TrialVerdict Trial::verdict() const {
  const bool is_complete = ended_.calls >= options_.decide_after;
  if (!is_complete && options_.fail == FailTrial::at_decision) {
    return TrialVerdict::undecided;
  }
  if (cannot_pass(options_.errors, ended_.errors) ||
      (options_.slow && cannot_pass(*options_.slow, ended_.slow))) {
    return TrialVerdict::failed;
  }
  return is_complete ? TrialVerdict::passed : TrialVerdict::undecided;
}

bool Trial::cannot_pass(const Threshold& threshold, std::uint64_t count) const {
  // Before the trial is complete: even if every call still missing succeeds in time. A count of
  // zero never fails a trial, though a threshold of "at least 0 %" would be reached by it.
  return count > 0 &&
         threshold.is_reached(count, std::max<std::uint64_t>(ended_.calls, options_.decide_after));
}

}  // namespace windtunnel::breaker
