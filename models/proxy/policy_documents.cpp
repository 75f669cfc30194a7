#include "models/proxy/policy_documents.hpp"

#include <algorithm>

#include "models/proxy/adaptive_limits.hpp"
#include "models/proxy/policy_additions.hpp"
#include "models/retry/previous_hosts.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::string_view kPrefix = "routes/";

std::string_view flaw_of(const HedgeSettings& hedge) {
  const bool is_negative = hedge.after && *hedge.after < Duration::zero();
  return hedge.attempts == 0 || is_negative || hedge.quantile > kWholeInParts
             ? "a hedge needs an attempt, and a time or a quantile"
             : std::string_view{};
}

std::string_view flaw_of(const AdaptiveConcurrencySettings& adaptive) {
  const bool has_window = adaptive.window.value_or(Duration{1}) > Duration::zero();
  return !has_window || !limits_of(adaptive).ascend()
             ? "adaptive concurrency needs a window and ascending limits"
             : std::string_view{};
}

std::string_view flaw_of(const ThrottleSettings& throttle) {
  // Written so that what is no number is a flaw too.
  const bool has_k = throttle.k >= 1 && throttle.k <= kThrottleKMax;
  const bool has_ratio = throttle.success_ratio > 0 && throttle.success_ratio <= kWholeInParts;
  return !has_k || !has_ratio || throttle.window.value_or(Duration{1}) <= Duration::zero()
             ? "a throttle needs a factor from 1 on, a success ratio and a window"
             : std::string_view{};
}

std::string_view flaw_of(const HealthCheckSettings& check) {
  const bool has_times = check.interval > Duration::zero() && check.timeout > Duration::zero();
  return !has_times || check.unhealthy == 0 || check.healthy == 0 || check.jitter > kWholeInParts
             ? "a health check needs an interval, a timeout and thresholds"
             : std::string_view{};
}

std::string_view flaw_of(const QuotaSettings& quota) {
  constexpr std::uint64_t kEventsMax = 1'000'000'000;
  const bool has_rate =
      quota.events > 0 && quota.events <= kEventsMax && quota.per > Duration::zero();
  return !has_rate || quota.burst <= Duration::zero() ? "a quota needs a rate and a burst"
                                                      : std::string_view{};
}

std::string_view flaw_of_weights(const LocalitySettings& locality) {
  if (locality.kind != LocalityKind::weighted) {
    return locality.weights.empty() ? std::string_view{} : "only weighted zones have weights";
  }
  const bool has_any = std::any_of(locality.weights.begin(), locality.weights.end(),
                                   [](const ZoneWeight& zone) { return zone.weight > 0; });
  return has_any ? std::string_view{} : "of weighted zones one has a weight";
}

std::string_view flaw_of(const LocalitySettings& locality) {
  constexpr std::uint32_t kPercentMax = 10'000;
  const std::uint32_t percent = locality.overprovisioning_percent;
  if (percent < 100 || percent > kPercentMax) {
    return "overprovisioning is at least 100 percent";
  }
  return flaw_of_weights(locality);
}

std::string_view flaw_of(const BreakerCounts& counts) {
  return counts.consecutive_errors == 0U || counts.error_count == 0U
             ? "a breaker opens after an error at least"
             : std::string_view{};
}

std::string_view flaw_of(const BulkheadSettings& bulkhead) {
  return bulkhead.concurrency == 0 || bulkhead.max_wait < Duration::zero()
             ? "a bulkhead needs a place, and a wait that is not negative"
             : std::string_view{};
}

std::string_view flaw_of(const RouteAdmissionSettings& admission) {
  if (admission.others > retry::PreviousHosts::kRoom) {
    return "a request is tried with a few other endpoints at most";
  }
  return admission.keep <= Duration::zero() ? "a level that is told is kept for some time"
                                            : std::string_view{};
}

std::string_view flaw_of(const MtlsSettings& mtls) {
  return mtls.connection_age <= Duration::zero() ? "a connection lives for some time"
                                                 : std::string_view{};
}

/// The first flaw of those components that the policy has.
template <typename... Settings>
std::string_view flaw_among(const std::optional<Settings>&... components) {
  std::string_view flaw;
  const auto look_at = [&flaw](const auto& component) {
    if (component && flaw.empty()) {
      flaw = flaw_of(*component);
    }
  };
  (look_at(components), ...);
  return flaw;
}

/// Of components that do not go together.
std::string_view flaw_of_combination(const RoutePolicy& policy) {
  if (policy.hedge && policy.retry) {
    return "a request is hedged or retried, not both";
  }
  if (policy.bulkhead && policy.concurrency) {
    return "requests under way are limited by a bulkhead or refused, not both";
  }
  if (policy.balance.zone_aware && policy.locality &&
      policy.locality->kind == LocalityKind::weighted) {
    return "zones go by their weights or by the proxy's own reckoning, not both";
  }
  if (policy.subsets && policy.balance.subset_size > 0) {
    return "a proxy uses subsets by their labels or by their size, not both";
  }
  const bool has_budget =
      (policy.retry && policy.retry->budget) || (policy.hedge && policy.hedge->budget);
  return policy.retry_quota && has_budget ? "retries have a budget or a quota, not both"
                                          : std::string_view{};
}

/// What settings cannot be used, whoever wrote them; empty where all can.
std::string_view flaw_of(const RoutePolicy& policy) {
  if (policy.timeout <= Duration::zero() || policy.deadline < policy.timeout) {
    return "a timeout must be positive and within the deadline";
  }
  if (policy.retry &&
      (policy.retry->attempts == 0 || policy.retry->backoff_max < policy.retry->backoff)) {
    return "a retry needs an attempt and an ascending backoff";
  }
  if (policy.breaker &&
      (policy.breaker->window <= Duration::zero() || policy.breaker->open_for <= Duration::zero() ||
       policy.breaker->half_open == 0)) {
    return "a breaker needs a window, an open interval and trial calls";
  }
  if (policy.outlier && (policy.outlier->interval <= Duration::zero() ||
                         policy.outlier->eject_for <= Duration::zero())) {
    return "outlier detection needs an interval and an ejection time";
  }
  const std::string_view combination = flaw_of_combination(policy);
  return !combination.empty()
             ? combination
             : flaw_among(policy.rate_limit, policy.hierarchical_limit, policy.bulkhead,
                          policy.admission, policy.mtls, policy.hedge, policy.adaptive_concurrency,
                          policy.throttle, policy.health_check, policy.quota, policy.locality,
                          policy.subsets, policy.breaker ? policy.breaker->counts : std::nullopt);
}

}  // namespace

std::string document_name_of(const RoutePolicy& policy) {
  return document_name_of(policy.caller, policy.callee);
}

std::string document_name_of(std::string_view caller, std::string_view callee) {
  std::string name{kPrefix};
  name += caller;
  name += '/';
  name += callee;
  return name;
}

std::optional<RouteName> route_name_of(std::string_view document) {
  if (!document.starts_with(kPrefix)) {
    return std::nullopt;
  }
  const std::string_view route = document.substr(kPrefix.size());
  const std::size_t slash = route.find('/');
  return slash == std::string_view::npos
             ? std::nullopt
             : std::optional{RouteName{route.substr(0, slash), route.substr(slash + 1)}};
}

SharedBytes document_content_of(const RoutePolicy& policy) {
  return SharedBytes{encoded_with_additions(policy)};
}

std::optional<RoutePolicy> policy_of(const config::Document& document, std::string& why_not) {
  std::optional<RoutePolicy> policy = decoded_with_additions(document.content.view());
  std::string_view flaw = "it does not decode as a route policy";
  if (policy) {
    const bool is_elsewhere = document.name != document_name_of(*policy);
    flaw = is_elsewhere ? "its content is the policy of another route" : flaw_of(*policy);
  }
  if (!flaw.empty()) {
    why_not = document.name + ": " + std::string{flaw};
    return std::nullopt;
  }
  return policy;
}

std::optional<std::string> flaw_of(const config::Update& update) {
  for (const config::Document& document : update.written) {
    std::string why_not;
    if (document.name.starts_with(kPrefix) && !policy_of(document, why_not)) {
      return why_not;
    }
  }
  return std::nullopt;
}

std::optional<RoutePolicy> policy_in(const Documents& documents, std::string_view caller,
                                     std::string_view callee) {
  const auto found = documents.find(document_name_of(caller, callee));
  return found == documents.end() ? std::nullopt
                                  : decoded_with_additions(found->second.content.view());
}

}  // namespace windtunnel::proxy
