#include "models/limit/sliding_log.hpp"

#include <algorithm>
#include <bit>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

/// The first number in [low, high) of which `holds` is true, given that it stays true; or `high`.
/// Looks near `low` first, where it nearly always is.
template <typename Holds>
std::uint64_t first_where(std::uint64_t low, std::uint64_t high, const Holds& holds) {
  for (std::uint64_t step = 1; low < high; step *= 2) {
    const std::uint64_t probe = std::min(low + step, high) - 1;
    if (holds(probe)) {
      high = probe;
      break;
    }
    low = probe + 1;
  }
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (holds(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

SlidingLog::SlidingLog(std::uint32_t limit, Duration window)
    : limit_(limit), window_(window), ring_(std::bit_ceil(std::size_t{limit})) {
  check(limit > 0 && window > Duration::zero(), "a window of some length admits something");
}

std::uint64_t SlidingLog::first_counting(Instant now) const {
  return first_where(first_, next_, [&](std::uint64_t number) {
    return instant_after(admission(number).at, window_) > now;
  });
}

std::uint64_t SlidingLog::used_at(Instant now) const {
  const std::uint64_t first = first_counting(now);
  return first == next_ ? 0 : total_ - admission(first).before;
}

std::uint64_t SlidingLog::first_reaching(std::uint64_t first, std::uint64_t permits) const {
  return first_where(first, next_, [&](std::uint64_t number) {
    return (number + 1 == next_ ? total_ : admission(number + 1).before) >= permits;
  });
}

Decision SlidingLog::peek(Instant now, std::uint32_t n) const {
  if (n > limit_) {
    return Decision::refuse(kNever);
  }
  const Instant time = std::max(now, latest_);
  const std::uint64_t used = used_at(time);
  if (used + n <= limit_) {
    return Decision::pass();
  }
  // The oldest used + n − limit permits must leave first.
  const std::uint64_t leaves = first_reaching(first_counting(time), total_ + n - limit_);
  return Decision::refuse(instant_after(admission(leaves).at, window_) - time);
}

Decision SlidingLog::admit(Instant now, std::uint32_t n) {
  latest_ = std::max(latest_, now);
  first_ = first_counting(latest_);
  const Decision decision = peek(now, n);
  if (decision.admitted && n > 0) {
    // Each kept admission holds at least one permit, so at most limit_ are kept with this one.
    ring_[next_ & (ring_.size() - 1)] = {latest_, total_};
    ++next_;
    total_ += n;
  }
  return decision;
}

}  // namespace windtunnel::limit
