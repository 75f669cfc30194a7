#include "models/limit/fixed_window.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::limit {

FixedWindow::FixedWindow(std::uint32_t limit, Duration window) : limit_(limit), window_(window) {
  check(limit > 0 && window > Duration::zero(), "a window of some length admits something");
}

std::int64_t FixedWindow::index_of(Instant now) const {
  check(now >= Instant{}, "a host's clock starts at zero");
  return nanoseconds_of(now) / window_.count();
}

Decision FixedWindow::peek(Instant now, std::uint32_t n) const {
  if (n > limit_) {
    return Decision::refuse(kNever);
  }
  const Instant time = std::max(now, latest_);
  if (n <= limit_ - count_at(time)) {
    return Decision::pass();
  }
  return Decision::refuse(window_ * (index_of(time) + 1) - time.time_since_epoch());
}

Decision FixedWindow::admit(Instant now, std::uint32_t n) {
  const Decision decision = peek(now, n);
  const Instant time = std::max(now, latest_);
  count_ = count_at(time) + (decision.admitted ? n : 0);
  latest_ = time;
  return decision;
}

}  // namespace windtunnel::limit
