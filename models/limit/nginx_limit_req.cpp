#include "models/limit/nginx_limit_req.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

constexpr std::int64_t kRequest = 1'000;
constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;

std::int64_t milliseconds_of(Instant now) {
  check(now >= Instant{}, "a host's clock starts at zero");
  return nanoseconds_of(now) / kNanosecondsPerMillisecond;
}

/// nginx takes a step back of up to a minute for a clock that stands still, and a greater one for a
/// clock that was set, which it follows.
std::int64_t elapsed_between(std::int64_t last, std::int64_t now) {
  const std::int64_t elapsed = now - last;
  return elapsed < -60'000 ? 1 : std::max(elapsed, std::int64_t{0});
}

}  // namespace

NginxLimitReq::NginxLimitReq(const NginxLimitReqOptions& options) : options_(options) {
  check(options.rate_thousandths > 0, "nginx refuses a rate of zero");
  check(options.rate_thousandths <= 1'000'000'000'000, "the rate times the clock fits 63 bits");
}

bool NginxLimitReq::is_fresh(Instant now) const {
  const std::int64_t elapsed = elapsed_between(last_milliseconds_, milliseconds_of(now));
  return excess_ <= options_.rate_thousandths * std::min(elapsed, std::int64_t{60'000}) / 1'000;
}

Decision NginxLimitReq::admit(Instant now) {
  const std::int64_t time = milliseconds_of(now);
  if (!is_known_) {
    is_known_ = true;
    last_milliseconds_ = time;
    return Decision::pass();
  }
  const std::int64_t rate = options_.rate_thousandths;
  const std::int64_t elapsed = elapsed_between(last_milliseconds_, time);
  // After so long that the product would not fit, everything has drained.
  const bool is_drained = elapsed > INT64_MAX / rate;
  const std::int64_t drained = is_drained ? excess_ : rate * elapsed / 1'000;
  const std::int64_t excess = std::max(excess_ - drained + kRequest, std::int64_t{0});
  const std::int64_t burst = std::int64_t{options_.burst} * kRequest;
  last_excess_ = excess;
  if (excess > burst) {
    // The least whole number of milliseconds after which enough has drained.
    const std::int64_t needed = excess_ + kRequest - burst;
    const std::int64_t ready = (needed * 1'000 - 1) / rate + 1;
    return Decision::refuse(std::chrono::milliseconds{ready - elapsed});
  }
  excess_ = excess;
  if (elapsed != 0) {
    last_milliseconds_ = time;
  }
  if (options_.delay == NginxLimitReqOptions::kNoDelay) {
    return Decision::pass();
  }
  const std::int64_t delayed = excess - std::int64_t{options_.delay} * kRequest;
  const std::int64_t wait = delayed > 0 ? delayed * 1'000 / rate : 0;
  return Decision::pass(std::chrono::milliseconds{wait});
}

}  // namespace windtunnel::limit
