#include "models/limit/sentinel_warm_up.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/check.hpp"

namespace windtunnel::limit {

namespace {

std::int64_t warning_tokens_of(const SentinelWarmUpOptions& options) {
  check(options.cold_factor > 1 && options.count > 0 && options.warm_up_seconds > 0,
        "a cold service is slower than a warm one");
  return static_cast<std::int64_t>(options.warm_up_seconds * options.count) /
         (options.cold_factor - 1);
}

}  // namespace

SentinelWarmUp::SentinelWarmUp(const SentinelWarmUpOptions& options)
    : options_(options),
      warning_tokens_(warning_tokens_of(options)),
      tokens_max_(warning_tokens_ +
                  static_cast<std::int64_t>(2 * options.warm_up_seconds * options.count /
                                            (1.0 + options.cold_factor))),
      slope_((options.cold_factor - 1.0) / options.count /
             static_cast<double>(tokens_max_ - warning_tokens_)),
      stored_tokens_(tokens_max_) {
  check(tokens_max_ > warning_tokens_, "the warm-up is long enough for at least one token");
}

double SentinelWarmUp::allowed_qps() const {
  if (stored_tokens_ < warning_tokens_) {
    return options_.count;
  }
  const auto above = static_cast<double>(stored_tokens_ - warning_tokens_);
  const double qps = 1.0 / (above * slope_ + 1.0 / options_.count);
  return std::nextafter(qps, std::numeric_limits<double>::infinity());
}

/// Once a second: adds what the second brought, less what passed in the one before.
void SentinelWarmUp::fill() {
  const std::int64_t second = window_.milliseconds() - window_.milliseconds() % 1'000;
  if (second <= filled_at_milliseconds_) {
    return;
  }
  const auto passed = static_cast<std::int64_t>(window_.passed_in_previous_second());
  stored_tokens_ = std::max(filled(second, passed) - passed, std::int64_t{0});
  filled_at_milliseconds_ = second;
}

/// Between the warning line and full, tokens come back only to a service that is hardly used.
std::int64_t SentinelWarmUp::filled(std::int64_t second_milliseconds, std::int64_t passed) const {
  const auto cold_qps = static_cast<std::int64_t>(options_.count) / options_.cold_factor;
  const bool refills =
      stored_tokens_ < warning_tokens_ || (stored_tokens_ > warning_tokens_ && passed < cold_qps);
  if (!refills) {
    return std::min(stored_tokens_, tokens_max_);
  }
  const auto elapsed = static_cast<double>(second_milliseconds - filled_at_milliseconds_);
  const double brought = static_cast<double>(stored_tokens_) + elapsed * options_.count / 1'000;
  return brought < static_cast<double>(tokens_max_) ? static_cast<std::int64_t>(brought)
                                                    : tokens_max_;
}

Decision SentinelWarmUp::admit(Instant now, std::uint32_t n) {
  window_.advance(now);
  fill();
  if (static_cast<double>(window_.passed() + n) > allowed_qps()) {
    return Decision::refuse(static_cast<double>(n) > options_.count ? kNever
                                                                    : window_.until_next_bucket());
  }
  window_.add(n);
  return Decision::pass();
}

}  // namespace windtunnel::limit
