#include "models/proxy/attempt_admission.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "models/breaker/aimd_limit.hpp"
#include "models/breaker/envoy_gradient_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/vegas_limit.hpp"
#include "models/breaker/windowed_limit.hpp"
#include "models/proxy/adaptive_limits.hpp"

namespace windtunnel::proxy {

namespace {

using Limit = std::unique_ptr<breaker::ConcurrencyLimit>;
using service::CallOutcome;

Limit behind_window(Limit limit, Duration window) {
  const breaker::WindowedLimitOptions options{.window_minimum = window, .window_maximum = window};
  return std::make_unique<breaker::WindowedLimit>(options, std::move(limit));
}

Limit gradient2_of(const AdaptiveConcurrencySettings& settings) {
  breaker::Gradient2LimitOptions options;
  const AdaptiveLimits limits = limits_of(settings);
  options.minimum = limits.minimum;
  options.initial = limits.initial;
  options.maximum = limits.maximum;
  return behind_window(std::make_unique<breaker::Gradient2Limit>(options),
                       settings.window.value_or(breaker::WindowedLimitOptions{}.window_minimum));
}

Limit vegas_of(const AdaptiveConcurrencySettings& settings, const RandomStream& random) {
  breaker::VegasLimitOptions options;
  const AdaptiveLimits limits = limits_of(settings);
  options.initial = limits.initial;
  options.maximum = limits.maximum;
  Limit limit = std::make_unique<breaker::VegasLimit>(options, random);
  return settings.window ? behind_window(std::move(limit), *settings.window) : std::move(limit);
}

Limit aimd_of(const AdaptiveConcurrencySettings& settings) {
  breaker::AimdLimitOptions options;
  options.initial = limits_of(settings).initial;
  return std::make_unique<breaker::AimdLimit>(options);
}

Limit envoy_gradient_of(const AdaptiveConcurrencySettings& settings, const RandomStream& random,
                        Instant now) {
  breaker::EnvoyGradientLimitOptions options;
  const AdaptiveLimits limits = limits_of(settings);
  options.minimum = limits.minimum;
  options.maximum = limits.maximum;
  options.window = settings.window.value_or(options.window);
  return std::make_unique<breaker::EnvoyGradientLimit>(options, random, now);
}

Limit limit_of(const AdaptiveConcurrencySettings& settings, const RandomStream& random,
               Instant now) {
  switch (settings.kind) {
    case AdaptiveKind::gradient2:
      return gradient2_of(settings);
    case AdaptiveKind::vegas:
      return vegas_of(settings, random);
    case AdaptiveKind::aimd:
      return aimd_of(settings);
    case AdaptiveKind::envoy_gradient:
      return envoy_gradient_of(settings, random, now);
  }
  return nullptr;
}

breaker::SreThrottleOptions sre_options_of(const ThrottleSettings& settings) {
  breaker::SreThrottleOptions options;
  options.requests_per_accept = settings.k;
  if (settings.window) {
    options.bucket_length = std::max(*settings.window / options.bucket_count, Duration{1});
  }
  // A proxy that starts must not turn its first attempts down because nothing is accepted yet.
  constexpr std::uint64_t kFew = 20;
  options.requests_minimum = kFew;
  return options;
}

breaker::EnvoyAdmissionControlOptions admission_control_options_of(
    const ThrottleSettings& settings) {
  breaker::EnvoyAdmissionControlOptions options;
  options.success_threshold = ratio_of(settings.success_ratio);
  if (settings.window) {
    constexpr Duration kSecond = std::chrono::seconds{1};
    options.window_seconds =
        std::max(static_cast<std::uint32_t>((*settings.window + kSecond - Duration{1}) / kSecond),
                 std::uint32_t{1});
  }
  return options;
}

/// Only what was too much for the service, or took its time, says how much is too much.
breaker::LimitOutcome limit_outcome_of(CallOutcome outcome) {
  switch (outcome) {
    case CallOutcome::ok:
      return breaker::LimitOutcome::succeeded;
    case CallOutcome::overloaded:
    case CallOutcome::timed_out:
    case CallOutcome::expired:
      return breaker::LimitOutcome::dropped;
    case CallOutcome::failed:
    case CallOutcome::unreachable:
    case CallOutcome::rejected:
      return breaker::LimitOutcome::ignored;
  }
  return breaker::LimitOutcome::ignored;
}

}  // namespace

void AttemptAdmission::apply(Instant now,
                             const std::optional<AdaptiveConcurrencySettings>& adaptive,
                             const std::optional<ThrottleSettings>& throttle) {
  if (adaptive != adaptive_) {
    adaptive_ = adaptive;
    ++limiter_epoch_;
    limiter_.reset();
    if (adaptive) {
      limiter_.emplace(limit_of(*adaptive, RandomStream{random_.next(), "proxy.limit"}, now));
    }
  }
  if (throttle == throttle_) {
    return;
  }
  throttle_ = throttle;
  sre_.reset();
  admission_control_.reset();
  if (throttle && throttle->kind == ThrottleKind::sre) {
    sre_.emplace(sre_options_of(*throttle), RandomStream{random_.next(), "proxy.throttle"});
  } else if (throttle) {
    admission_control_.emplace(admission_control_options_of(*throttle),
                               RandomStream{random_.next(), "proxy.throttle"});
  }
}

bool AttemptAdmission::is_throttled(Instant now) {
  return (sre_ && !sre_->admit(now)) || (admission_control_ && !admission_control_->admit(now));
}

std::optional<Refused> AttemptAdmission::admit(Instant now, AdmissionTicket& ticket) {
  if (is_throttled(now)) {
    return Refused::throttle;
  }
  if (limiter_) {
    ticket.permit = limiter_->admit(now);
    ticket.limiter_epoch = limiter_epoch_;
    if (!ticket.permit) {
      return Refused::adaptive_concurrency;
    }
  }
  return std::nullopt;
}

void AttemptAdmission::settle(Instant now, const AdmissionTicket& ticket, CallOutcome outcome) {
  settle_limiter(now, ticket, limit_outcome_of(outcome));
  if (sre_ && (outcome == CallOutcome::ok || outcome == CallOutcome::failed)) {
    sre_->accept(now);
  }
  if (admission_control_) {
    using Result = breaker::EnvoyAdmissionControl::Result;
    admission_control_->settle(now,
                               outcome == CallOutcome::ok ? Result::succeeded : Result::failed);
  }
}

void AttemptAdmission::abandon(Instant now, const AdmissionTicket& ticket) {
  settle_limiter(now, ticket, breaker::LimitOutcome::ignored);
}

void AttemptAdmission::settle_limiter(Instant now, const AdmissionTicket& ticket,
                                      breaker::LimitOutcome outcome) {
  if (ticket.permit && limiter_ && ticket.limiter_epoch == limiter_epoch_) {
    limiter_->settle(now, *ticket.permit, outcome);
  }
}

std::optional<std::uint32_t> AttemptAdmission::limit(Instant now) {
  return limiter_ ? std::optional{limiter_->limit(now)} : std::nullopt;
}

}  // namespace windtunnel::proxy
