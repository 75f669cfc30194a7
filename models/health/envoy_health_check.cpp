#include "models/health/envoy_health_check.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::health {

EnvoyHealthCheck::EnvoyHealthCheck(const EnvoyHealthCheckOptions& options, Instant now,
                                   RandomStream random)
    : options_(options), random_(std::move(random)), deadline_(now) {
  check(options.timeout > Duration::zero() && options.interval > Duration::zero(),
        "a health check has a timeout and an interval");
  check(options.unhealthy_threshold > 0 && options.healthy_threshold > 0,
        "thresholds count from 1");
  deadline_ += below(options.initial_jitter);
}

std::optional<HealthCheckAttempt> EnvoyHealthCheck::on_deadline(Instant now) {
  if (now < deadline_) {
    return std::nullopt;
  }
  if (under_way_) {
    fail(now, attempts_, CheckFailure::network_timeout);
    return std::nullopt;
  }
  under_way_ = true;
  deadline_ = now + options_.timeout;
  return HealthCheckAttempt{.number = ++attempts_, .deadline = deadline_};
}

CheckTransition EnvoyHealthCheck::succeed(Instant now, std::uint64_t attempt) {
  if (!is_under_way(attempt)) {
    return CheckTransition::unchanged;
  }
  failures_ = 0;
  auto transition = CheckTransition::unchanged;
  if (!healthy_) {
    healthy_ = first_result_ || ++successes_ == options_.healthy_threshold;
    transition = healthy_ ? CheckTransition::changed : CheckTransition::change_pending;
  }
  first_result_ = false;
  rest(now, true, transition);
  return transition;
}

CheckTransition EnvoyHealthCheck::fail(Instant now, std::uint64_t attempt, CheckFailure failure,
                                       CheckRetry retry) {
  if (!is_under_way(attempt)) {
    return CheckTransition::unchanged;
  }
  const CheckTransition transition = become_unhealthy(failure, retry);
  rest(now, false, transition);
  return transition;
}

CheckTransition EnvoyHealthCheck::fail_passively() {
  return become_unhealthy(CheckFailure::passive, CheckRetry::never);
}

CheckTransition EnvoyHealthCheck::become_unhealthy(CheckFailure failure, CheckRetry retry) {
  successes_ = 0;
  first_result_ = false;
  if (!healthy_) {
    return CheckTransition::unchanged;
  }
  const bool is_counted = failure == CheckFailure::network ||
                          failure == CheckFailure::network_timeout || retry == CheckRetry::counted;
  if (is_counted && ++failures_ != options_.unhealthy_threshold) {
    return CheckTransition::change_pending;
  }
  healthy_ = false;
  return CheckTransition::changed;
}

void EnvoyHealthCheck::rest(Instant now, bool succeeded, CheckTransition transition) {
  under_way_ = false;
  deadline_ = now + with_jitter(base_interval(succeeded, transition));
}

Duration EnvoyHealthCheck::base_interval(bool succeeded, CheckTransition transition) const {
  const bool is_edge = transition == CheckTransition::change_pending;
  if (!has_traffic_) {
    return succeeded && !is_edge
               ? options_.no_traffic_healthy_interval.value_or(options_.no_traffic_interval)
               : options_.no_traffic_interval;
  }
  if (succeeded) {
    return is_edge ? options_.healthy_edge_interval.value_or(options_.interval) : options_.interval;
  }
  const Duration unhealthy = options_.unhealthy_interval.value_or(options_.interval);
  return is_edge ? options_.unhealthy_edge_interval.value_or(unhealthy) : unhealthy;
}

Duration EnvoyHealthCheck::with_jitter(Duration base) {
  const Duration share = base * options_.interval_jitter_percent / 100;
  const Duration jittered = base + below(share) + below(options_.interval_jitter);
  // As Envoy does, so that an interval of zero cannot loop at one instant.
  return std::max<Duration>(jittered, std::chrono::milliseconds{1});
}

Duration EnvoyHealthCheck::below(Duration bound) {
  if (bound <= Duration::zero()) {
    return Duration::zero();
  }
  const auto span = static_cast<std::uint64_t>(bound.count());
  return Duration{static_cast<std::int64_t>(random_.below(span))};
}

}  // namespace windtunnel::health
