#include "models/limit/sliding_counter.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::limit {

SlidingCounter::SlidingCounter(std::uint32_t limit, Duration window)
    : limit_(limit), window_(window) {
  check(limit > 0 && window > Duration::zero(), "a window of some length admits something");
  check(window.count() <= INT64_MAX / 2 / std::int64_t{limit}, "limit × window fits 63 bits");
}

SlidingCounter::Counts SlidingCounter::counts_at(Instant now) const {
  check(now >= Instant{}, "a host's clock starts at zero");
  const std::int64_t index = nanoseconds_of(now) / window_.count();
  if (index <= counts_.index) {
    return counts_;
  }
  return {index, index == counts_.index + 1 ? counts_.current : 0, 0};
}

bool SlidingCounter::is_fresh(Instant now) const {
  const Counts counts = counts_at(now);
  return counts.previous == 0 && counts.current == 0;
}

/// Within this window what is seen of the last one shrinks; within the next, what is seen of this.
Duration SlidingCounter::retry_after(const Counts& counts, Duration elapsed,
                                     std::uint32_t n) const {
  const std::int64_t window = window_.count();
  const std::int64_t room_now = std::int64_t{limit_} - counts.current - n;
  if (room_now >= 0) {
    return Duration{window - room_now * window / counts.previous} - elapsed;
  }
  const std::int64_t room = std::int64_t{limit_} - n;
  const std::int64_t into_next = window - room * window / counts.current;
  return window_ - elapsed + Duration{std::max(into_next, std::int64_t{0})};
}

Decision SlidingCounter::peek(Instant now, std::uint32_t n) const {
  if (n > limit_) {
    return Decision::refuse(kNever);
  }
  const Instant time = std::max(now, latest_);
  const Counts counts = counts_at(time);
  const Duration elapsed{nanoseconds_of(time) - counts.index * window_.count()};
  const std::int64_t seen_of_previous = std::int64_t{counts.previous} * (window_ - elapsed).count();
  const std::int64_t used = std::int64_t{counts.current} * window_.count() + seen_of_previous;
  const std::int64_t allowed = (std::int64_t{limit_} - n) * window_.count();
  return used <= allowed ? Decision::pass() : Decision::refuse(retry_after(counts, elapsed, n));
}

Decision SlidingCounter::admit(Instant now, std::uint32_t n) {
  const Decision decision = peek(now, n);
  latest_ = std::max(latest_, now);
  counts_ = counts_at(latest_);
  counts_.current += decision.admitted ? n : 0;
  return decision;
}

}  // namespace windtunnel::limit
