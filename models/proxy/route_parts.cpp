#include "models/proxy/route_parts.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/balance/bounded_load.hpp"
#include "models/balance/envoy_least_request.hpp"
#include "models/balance/envoy_round_robin.hpp"
#include "models/balance/haproxy_least_conn.hpp"
#include "models/balance/haproxy_random.hpp"
#include "models/balance/haproxy_round_robin.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/nginx_least_conn.hpp"
#include "models/balance/nginx_round_robin.hpp"
#include "models/balance/peak_ewma.hpp"
#include "models/balance/power_of_choices.hpp"
#include "models/balance/random_choice.hpp"
#include "models/balance/ring_hash.hpp"
#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/grpc_retry_throttle.hpp"

namespace windtunnel::proxy {

namespace {

using balance::Policy;
using balance::PolicyInput;

breaker::Share share_of(PartsPerBillion parts) {
  return {parts, kWholeInParts};
}

template <typename Made, typename Spec = std::nullptr_t>
balance::PolicyFactory factory(Spec spec = {}) {
  return [spec](const PolicyInput& input) -> std::unique_ptr<Policy> {
    return std::make_unique<Made>(spec, input);
  };
}

/// Endpoints that warm up, from when they are first seen.
class Newcomers {
 public:
  explicit Newcomers(Duration window) : slow_start_(balance::SlowStartSpec{.window = window}) {}

  const balance::SlowStart* meet(const PolicyInput& input) {
    for (const balance::Endpoint& endpoint : input.endpoints) {
      const std::size_t id = endpoint.id.value();
      known_.resize(std::max(known_.size(), id + 1));
      if (!known_[id]) {
        known_[id] = true;
        slow_start_.enter(endpoint.id, input.now);
      }
    }
    return &slow_start_;
  }

 private:
  balance::SlowStart slow_start_;
  std::vector<bool> known_;
};

/// Slow start and latency histories are kept over snapshots, by the factory.
balance::PolicyFactory envoy_factory(const BalanceSettings& settings) {
  std::shared_ptr<Newcomers> newcomers;
  if (settings.slow_start > Duration::zero()) {
    newcomers = std::make_shared<Newcomers>(settings.slow_start);
  }
  const bool is_round_robin =
      settings.kind == BalanceKind::round_robin || settings.kind == BalanceKind::envoy_round_robin;
  return [newcomers, is_round_robin](const PolicyInput& input) -> std::unique_ptr<Policy> {
    const balance::EnvoySpec spec{.slow_start = newcomers ? newcomers->meet(input) : nullptr};
    if (is_round_robin) {
      return std::make_unique<balance::EnvoyRoundRobin>(spec, input);
    }
    return std::make_unique<balance::EnvoyLeastRequest>(
        balance::EnvoyLeastRequestSpec{.common = spec}, input);
  };
}

balance::PolicyFactory peak_ewma_factory() {
  const auto history = std::make_shared<balance::PeakEwmaHistory>();
  return [history](const PolicyInput& input) -> std::unique_ptr<Policy> {
    balance::PeakEwmaSpec spec;
    spec.history = history.get();
    return std::make_unique<balance::PeakEwma>(spec, input);
  };
}

std::unique_ptr<retry::Budget> retry_quota_of(RetryQuotaKind kind) {
  switch (kind) {
    case RetryQuotaKind::grpc:
      return std::make_unique<retry::GrpcRetryThrottle>();
    case RetryQuotaKind::aws:
      return std::make_unique<retry::AwsRetryQuota>(retry::AwsRetryQuotaOptions::standard());
    case RetryQuotaKind::aws_2026:
      return std::make_unique<retry::AwsRetryQuota>(retry::AwsRetryQuotaOptions::standard_2026());
    case RetryQuotaKind::finagle:
      return std::make_unique<retry::RetryBudget>(retry::RetryBudgetOptions::finagle());
    case RetryQuotaKind::sre:
      return std::make_unique<retry::RetryBudget>(retry::RetryBudgetOptions::sre());
  }
  return nullptr;
}

std::optional<std::vector<balance::LocalityWeight>> locality_weights_of(
    const LocalitySettings& locality) {
  if (locality.kind != LocalityKind::weighted) {
    return std::nullopt;
  }
  std::vector<balance::LocalityWeight> weights;
  for (const ZoneWeight& zone : locality.weights) {
    weights.push_back({.zone = zone.zone, .weight = zone.weight});
  }
  return weights;
}

retry::Jitter jitter_of(JitterKind kind) {
  switch (kind) {
    case JitterKind::none:
      return retry::Jitter::none;
    case JitterKind::full:
      return retry::Jitter::full;
    case JitterKind::equal:
      return retry::Jitter::equal;
    case JitterKind::decorrelated:
      return retry::Jitter::decorrelated;
  }
  return retry::Jitter::full;
}

}  // namespace

balance::PolicyFactory policy_factory_of(const BalanceSettings& settings) {
  switch (settings.kind) {
    case BalanceKind::round_robin:
    case BalanceKind::envoy_round_robin:
    case BalanceKind::envoy_least_request:
      return envoy_factory(settings);
    case BalanceKind::least_request:
      return factory<balance::PowerOfChoices>(balance::PowerOfChoicesSpec{});
    case BalanceKind::random:
      return factory<balance::RandomChoice>(balance::RandomChoiceSpec{});
    case BalanceKind::peak_ewma:
      return peak_ewma_factory();
    case BalanceKind::ring_hash:
      return factory<balance::RingHash>(balance::RingHashSpec{});
    case BalanceKind::maglev:
      return factory<balance::Maglev>(balance::MaglevSpec{});
    case BalanceKind::bounded_hash:
      return factory<balance::BoundedLoad>(balance::BoundedLoadSpec{});
    case BalanceKind::nginx_round_robin:
      return factory<balance::NginxRoundRobin>(balance::NginxSpec{});
    case BalanceKind::nginx_least_conn:
      return factory<balance::NginxLeastConn>(balance::NginxSpec{});
    case BalanceKind::nginx_ketama:
      return factory<balance::Ketama>(balance::KetamaSpec{});
    case BalanceKind::haproxy_roundrobin:
      return factory<balance::HaproxyRoundRobin>(balance::HaproxyRoundRobinSpec{});
    case BalanceKind::haproxy_leastconn:
      return factory<balance::HaproxyLeastConn>(balance::HaproxyLeastConnSpec{});
    case BalanceKind::haproxy_random:
      return factory<balance::HaproxyRandom>(balance::HaproxyRandomSpec{});
  }
  return {};
}

balance::SubsetOptions subsets_by_version() {
  balance::SubsetOptions options;
  options.selectors.push_back(
      {.keys = {std::string{kVersionLabel}}, .fallback = balance::SubsetFallback::nothing});
  options.fallback = balance::SubsetFallback::any_endpoint;
  return options;
}

balance::BalancerOptions balancer_options_of(const BalanceSettings& settings,
                                             const std::optional<LocalitySettings>& locality,
                                             const std::string& zone) {
  balance::BalancerOptions options;
  if (locality) {
    options.priorities.priority.overprovisioning_percent = locality->overprovisioning_percent;
    options.priorities.locality.weights = locality_weights_of(*locality);
  }
  options.priorities.priority.panic_threshold_percent = settings.panic_percent;
  if (settings.zone_aware) {
    options.priorities.locality.zone_aware = balance::ZoneAwareOptions{.local_zone = zone};
  }
  const bool is_hashed =
      settings.kind == BalanceKind::ring_hash || settings.kind == BalanceKind::maglev ||
      settings.kind == BalanceKind::bounded_hash || settings.kind == BalanceKind::nginx_ketama;
  options.draw = is_hashed ? balance::PriorityDraw::by_key : balance::PriorityDraw::at_random;
  return options;
}

void set_priorities(std::vector<balance::Endpoint>& endpoints, const std::string& zone) {
  const auto is_near = [&](const balance::Endpoint& endpoint) { return endpoint.zone == zone; };
  if (std::none_of(endpoints.begin(), endpoints.end(), is_near)) {
    return;
  }
  for (balance::Endpoint& endpoint : endpoints) {
    endpoint.priority = is_near(endpoint) ? 0 : 1;
  }
}

breaker::BreakerOptions breaker_options_of(const BreakerSettings& settings) {
  breaker::BreakerOptions options;
  constexpr std::uint32_t kBuckets = 10;
  options.window = breaker::TimeWindowOptions{
      .bucket_length = std::max(settings.window / kBuckets, Duration{1}), .bucket_count = kBuckets};
  options.triggers.error_ratio = breaker::RatioTrigger{
      .threshold = {share_of(settings.error_ratio)}, .minimum_calls = settings.minimum};
  if (settings.slow_ratio) {
    options.triggers.slow_ratio = breaker::RatioTrigger{
        .threshold = {share_of(*settings.slow_ratio)}, .minimum_calls = settings.minimum};
  }
  if (settings.counts && settings.counts->consecutive_errors) {
    options.triggers.consecutive_errors =
        breaker::CountTrigger{.count = *settings.counts->consecutive_errors};
  }
  if (settings.counts && settings.counts->error_count) {
    options.triggers.error_count = breaker::CountTrigger{.count = *settings.counts->error_count};
  }
  options.slow_call = settings.slow_after;
  options.open.first = settings.open_for;
  options.open.longest = settings.open_for;
  options.trial.permits = settings.half_open;
  options.trial.errors = {share_of(settings.error_ratio)};
  return options;
}

health::OutlierOptions outlier_options_of(const OutlierSettings& settings) {
  health::OutlierOptions options;
  options.interval = settings.interval;
  options.base_ejection_time = settings.eject_for;
  options.max_ejection_time = std::max(options.max_ejection_time, settings.eject_for);
  options.max_ejection_percent = settings.max_ejected / (kWholeInParts / 100);
  options.consecutive_5xx.threshold = std::max(settings.consecutive_errors, 1U);
  options.consecutive_5xx.enforcing_percent = settings.consecutive_errors == 0 ? 0 : 100;
  options.success_rate.enforcing_percent = settings.success_rate ? 100 : 0;
  options.majority_enabled = settings.robust;
  return options;
}

retry::RetryOptions retry_options_of(const std::optional<RetrySettings>& settings,
                                     Duration attempt_timeout) {
  retry::RetryOptions options;
  options.attempt_timeout = attempt_timeout;
  options.attempts_max = 1;
  if (settings) {
    options.attempts_max = settings->attempts;
    options.backoff.initial = std::max(settings->backoff, Duration{1});
    options.backoff.max = std::max(settings->backoff_max, options.backoff.initial);
    options.backoff.jitter = jitter_of(settings->jitter);
  }
  return options;
}

std::unique_ptr<retry::Budget> retry_budget_of(const std::optional<RetrySettings>& settings,
                                               const std::optional<RetryQuotaSettings>& quota) {
  if (quota) {
    return retry_quota_of(quota->kind);
  }
  if (!settings || !settings->budget) {
    return nullptr;
  }
  retry::RetryBudgetOptions options;
  options.ratio = ratio_of(*settings->budget);
  options.retries_per_second_min = 0;
  return std::make_unique<retry::RetryBudget>(options);
}

}  // namespace windtunnel::proxy
