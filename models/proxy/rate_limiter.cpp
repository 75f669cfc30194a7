#include "models/proxy/rate_limiter.hpp"

#include <cstdint>
#include <numeric>

#include "runtime/check.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::int64_t kEventsMax = 1'000'000'000;
constexpr Duration kPerMax = std::chrono::hours{1000};
/// A window remembers each request of its own: sixteen bytes.
constexpr std::uint64_t kWindowMax = 1'000'000;
constexpr std::uint32_t kColdFactorMax = 1000;
/// Those that a warm-up stores are counted in 63 bits.
constexpr double kTokensMax = 1e15;

limit::Rate rate_of(const RateLimitSettings& settings) {
  return limit::Rate{static_cast<std::int64_t>(settings.events), settings.per};
}

limit::SentinelWarmUpOptions warm_up_of(const RateLimitSettings& settings) {
  constexpr double kSecond = 1e9;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(settings.form.warm_up);
  return {.count = static_cast<double>(settings.events) * kSecond /
                   static_cast<double>(settings.per.count()),
          .warm_up_seconds = static_cast<std::int32_t>(seconds.count()),
          .cold_factor = static_cast<std::int32_t>(settings.form.cold_factor)};
}

std::string_view flaw_of_rate(const RateLimitSettings& settings) {
  const bool has_rate = settings.events > 0 && settings.events <= kEventsMax &&
                        settings.per > Duration::zero() && settings.per <= kPerMax;
  if (!has_rate || settings.burst == 0) {
    return "a rate limit needs a rate and a burst";
  }
  const std::int64_t per = settings.per.count();
  const std::int64_t count = static_cast<std::int64_t>(settings.events);
  const std::int64_t common = std::gcd(count, per);
  const bool is_countable = count / common <= INT64_MAX / (per / common) &&
                            std::int64_t{settings.burst} <= INT64_MAX / 2 / (per / common);
  return is_countable ? std::string_view{} : "a rate and its burst are too large to count exactly";
}

std::string_view flaw_of_warm_up(const RateLimitSettings& settings) {
  const RateLimitForm& form = settings.form;
  const bool is_whole = form.warm_up > Duration::zero() && form.warm_up <= kPerMax &&
                        form.warm_up % std::chrono::seconds{1} == Duration::zero();
  if (!is_whole || form.cold_factor < 2 || form.cold_factor > kColdFactorMax) {
    return "a warm-up takes whole seconds, and begins at a half of the rate or less";
  }
  const limit::SentinelWarmUpOptions options = warm_up_of(settings);
  const double tokens = 2 * options.warm_up_seconds * options.count / (1.0 + options.cold_factor);
  return tokens < 1 || tokens > kTokensMax ? "a warm-up is too short or too long for its rate"
                                           : std::string_view{};
}

}  // namespace

std::string_view flaw_of(const RateLimitSettings& settings) {
  if (const std::string_view flaw = flaw_of_rate(settings); !flaw.empty()) {
    return flaw;
  }
  switch (settings.form.kind) {
    case RateLimitKind::token_bucket:
    case RateLimitKind::gcra:
      return {};
    case RateLimitKind::pacing:
      return settings.form.max_wait < Duration::zero() || settings.form.max_wait > kPerMax
                 ? "a wait for a turn is not negative"
                 : std::string_view{};
    case RateLimitKind::warm_up:
      return flaw_of_warm_up(settings);
    case RateLimitKind::sliding_window:
      return settings.events > kWindowMax ? "a sliding window counts a million requests at most"
                                          : std::string_view{};
  }
  return "a rate limit is of a known kind";
}

RateLimiter::Limiter RateLimiter::limiter_of(const RateLimitSettings& settings, Instant now) {
  switch (settings.form.kind) {
    case RateLimitKind::token_bucket:
      return limit::TokenBucket{rate_of(settings), settings.burst, now};
    case RateLimitKind::gcra:
      return limit::Gcra{rate_of(settings), settings.burst, now};
    case RateLimitKind::pacing:
      return limit::Pacer{rate_of(settings), settings.form.max_wait, now};
    case RateLimitKind::warm_up:
      return limit::SentinelWarmUp{warm_up_of(settings)};
    case RateLimitKind::sliding_window:
      return limit::SlidingLog{static_cast<std::uint32_t>(settings.events), settings.per};
  }
  fail_check("a rate limit is of a known kind", std::source_location::current());
}

RateLimiter::RateLimiter(const RateLimitSettings& settings, Instant now)
    : settings_(settings), limiter_(limiter_of(settings, now)) {}

limit::Decision RateLimiter::admit(Instant now, Duration patience) {
  if (const auto* const pacer = std::get_if<limit::Pacer>(&limiter_)) {
    const Duration wait = pacer->peek(now).wait;
    if (wait > patience) {
      return limit::Decision::refuse(wait - patience);
    }
  }
  return std::visit([now](auto& limiter) { return limiter.admit(now); }, limiter_);
}

void RateLimiter::apply(Instant now, const RateLimitSettings& settings) {
  if (settings == settings_) {
    return;
  }
  settings_ = settings;
  auto* const bucket = std::get_if<limit::TokenBucket>(&limiter_);
  auto* const gcra = std::get_if<limit::Gcra>(&limiter_);
  auto* const pacer = std::get_if<limit::Pacer>(&limiter_);
  if (bucket != nullptr && settings.form.kind == RateLimitKind::token_bucket) {
    bucket->reconfigure(now, rate_of(settings), settings.burst);
  } else if (gcra != nullptr && settings.form.kind == RateLimitKind::gcra) {
    gcra->reconfigure(now, rate_of(settings), settings.burst);
  } else if (pacer != nullptr && settings.form.kind == RateLimitKind::pacing) {
    pacer->reconfigure(now, rate_of(settings), settings.form.max_wait);
  } else {
    limiter_ = limiter_of(settings, now);
  }
}

}  // namespace windtunnel::proxy
