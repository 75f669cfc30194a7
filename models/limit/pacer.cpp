#include "models/limit/pacer.hpp"

#include <algorithm>

namespace windtunnel::limit {

Pacer::Pacer(Rate rate, Duration wait_max, Instant now)
    : rate_(rate), wait_max_(wait_max), one_(rate.time_for(1)), next_{now, 0}, latest_(now) {
  check(wait_max >= Duration::zero(), "a wait is not negative");
}

Decision Pacer::peek(Instant now, std::uint32_t /*n*/) const {
  const Duration wait = std::max(Rate::until(std::max(now, latest_), next_), Duration::zero());
  return wait <= wait_max_ ? Decision::pass(wait) : Decision::refuse(wait - wait_max_);
}

Decision Pacer::admit(Instant now, std::uint32_t n) {
  latest_ = std::max(latest_, now);
  const Decision decision = peek(latest_, n);
  if (decision.admitted) {
    const FineInstant turn = std::max(next_, FineInstant{latest_, 0});
    next_ = rate_.add(turn, n == 1 ? one_ : rate_.time_for(n));
  }
  return decision;
}

void Pacer::reconfigure(Instant now, Rate rate, Duration wait_max) {
  check(wait_max >= Duration::zero(), "a wait is not negative");
  latest_ = std::max(latest_, now);
  // Another rate has another grid: rounded up to a nanosecond, which both have.
  next_ = {next_.whole + Duration{next_.parts > 0 ? 1 : 0}, 0};
  rate_ = rate;
  one_ = rate.time_for(1);
  wait_max_ = wait_max;
}

}  // namespace windtunnel::limit
