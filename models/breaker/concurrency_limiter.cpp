#include "models/breaker/concurrency_limiter.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

LimitSample sample_of(Instant now, const LimitPermit& permit, LimitOutcome outcome) {
  // Virtual time may not have moved, and the clock may have gone back: an rtt is positive.
  const Duration rtt = std::max(now - permit.admitted, Duration{1});
  return {permit.admitted, rtt, permit.in_flight, outcome == LimitOutcome::dropped};
}

ConcurrencyLimiter::ConcurrencyLimiter(std::unique_ptr<ConcurrencyLimit> limit)
    : limit_(std::move(limit)) {
  check(limit_ != nullptr, "a limiter has a limit");
}

std::optional<LimitPermit> ConcurrencyLimiter::admit(Instant now) {
  if (in_flight_ >= limit_->limit(now)) {
    ++refused_;
    return std::nullopt;
  }
  ++in_flight_;
  return LimitPermit{now, in_flight_};
}

void ConcurrencyLimiter::settle(Instant now, const LimitPermit& permit, LimitOutcome outcome) {
  check(in_flight_ > 0, "a call ends once");
  --in_flight_;
  if (outcome != LimitOutcome::ignored) {
    limit_->observe(sample_of(now, permit, outcome));
  }
}

}  // namespace windtunnel::breaker
