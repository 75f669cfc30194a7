#include "models/balance/slow_start.hpp"

#include <algorithm>

#include "models/balance/power.hpp"

namespace windtunnel::balance {
namespace {

constexpr std::int64_t milliseconds_of(Duration span) {
  return span / std::chrono::milliseconds{1};
}

}  // namespace

SlowStart::SlowStart(SlowStartSpec spec) : spec_(spec) {
  check(spec.aggression > 0, "the aggression of a slow start is positive");
  check(spec.share_min > 0 && spec.share_min <= 1, "a share of the weight is in (0, 1]");
}

void SlowStart::enter(EndpointId endpoint, Instant now) {
  if (endpoint.value() >= entered_.size()) {
    entered_.resize(endpoint.value() + std::size_t{1});
  }
  entered_[endpoint.value()] = now;
}

double SlowStart::share(EndpointId endpoint, Instant now) const {
  const std::int64_t window = milliseconds_of(spec_.window);
  const std::optional<std::int64_t> elapsed = elapsed_milliseconds(endpoint, now);
  if (!elapsed || *elapsed >= window) {
    return 1;
  }
  const double time_share =
      static_cast<double>(std::max<std::int64_t>(*elapsed, 1)) / static_cast<double>(window);
  return std::max(power(time_share, 1 / spec_.aggression), spec_.share_min);
}

bool SlowStart::is_warming(EndpointId endpoint, Instant now) const {
  const std::optional<std::int64_t> elapsed = elapsed_milliseconds(endpoint, now);
  return elapsed && spec_.window > Duration::zero() && *elapsed <= milliseconds_of(spec_.window);
}

std::optional<std::int64_t> SlowStart::elapsed_milliseconds(EndpointId endpoint,
                                                            Instant now) const {
  if (endpoint.value() >= entered_.size() || !entered_[endpoint.value()]) {
    return std::nullopt;
  }
  return milliseconds_of(now - *entered_[endpoint.value()]);
}

}  // namespace windtunnel::balance
