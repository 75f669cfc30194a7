#include "models/limit/sentinel_throttling.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

/// Java's Math.round of a positive number.
std::int64_t rounded(double value) {
  return static_cast<std::int64_t>(std::floor(value + 0.5));
}

std::int64_t tick_of(const SentinelThrottlingOptions& options) {
  check(options.count >= 0.5 && options.window_milliseconds > 0, "a rate is some in some time");
  const bool is_whole = options.window_milliseconds % rounded(options.count) == 0 &&
                        options.count <= static_cast<double>(options.window_milliseconds);
  return is_whole ? kNanosecondsPerMillisecond : 1;
}

}  // namespace

SentinelThrottling::SentinelThrottling(const SentinelThrottlingOptions& options)
    : options_(options), tick_(tick_of(options)) {}

std::int64_t SentinelThrottling::cost_of(std::uint32_t n) const {
  const double ticks_per_millisecond = static_cast<double>(kNanosecondsPerMillisecond / tick_);
  return rounded(ticks_per_millisecond * static_cast<double>(options_.window_milliseconds) *
                 static_cast<double>(n) / options_.count);
}

Decision SentinelThrottling::admit(Instant now, std::uint32_t n) {
  latest_ = std::max(latest_, nanoseconds_of(now) / tick_);
  if (n == 0) {
    return Decision::pass();
  }
  const std::int64_t turn = last_ ? *last_ + cost_of(n) : latest_;
  if (turn <= latest_) {
    last_ = latest_;
    return Decision::pass();
  }
  const Duration wait{(turn - latest_) * tick_};
  const Duration wait_max = std::chrono::milliseconds{options_.queueing_milliseconds_max};
  if (wait > wait_max) {
    return Decision::refuse(wait - wait_max);
  }
  last_ = turn;
  return Decision::pass(wait);
}

}  // namespace windtunnel::limit
