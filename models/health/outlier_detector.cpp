#include "models/health/outlier_detector.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::health {
namespace {

constexpr std::size_t kEventsReserved = 64;

bool is_5xx(std::uint16_t status) {
  return status >= 500 && status < 600;
}

bool is_gateway_error(std::uint16_t status) {
  return status >= 502 && status <= 504;
}

/// What a result counts as where origins are not told apart; 0 for none.
std::uint16_t status_of(OriginResult result) {
  switch (result) {
    case OriginResult::local_origin_connect_success:
      return 0;
    case OriginResult::local_origin_connect_success_final:
    case OriginResult::external_success:
      return 200;
    case OriginResult::local_origin_connect_failed:
      return 503;
    case OriginResult::local_origin_timeout:
      return 504;
    case OriginResult::external_failure:
      return 500;
  }
  return 0;
}

}  // namespace

OutlierDetector::OutlierDetector(const OutlierOptions& options, Instant now, RandomStream random)
    : options_(options),
      random_(std::move(random)),
      next_sweep_(now + options.interval),
      majority_(options.majority) {
  check(options.interval > Duration::zero(), "sweeps are some time apart");
  check(options.max_ejection_time >= options.base_ejection_time,
        "the longest ejection is not below the base");
  events_.reserve(kEventsReserved);
}

void OutlierDetector::update_endpoints(std::span<const balance::Endpoint> endpoints) {
  std::vector<Host> before = std::exchange(hosts_, {});
  priorities_.clear();
  ejected_count_ = 0;
  for (const balance::Endpoint& endpoint : endpoints) {
    const std::size_t slot = endpoint.id.value();
    hosts_.resize(std::max(hosts_.size(), slot + 1));
    check(!hosts_[slot].present, "an endpoint is listed once");
    if (slot < before.size() && before[slot].present) {
      hosts_[slot] = before[slot];
    }
    hosts_[slot].in_service = endpoint.health == balance::EndpointHealth::healthy ||
                              endpoint.health == balance::EndpointHealth::degraded;
    hosts_[slot].present = true;
    hosts_[slot].priority = endpoint.priority;
    priorities_.resize(std::max<std::size_t>(priorities_.size(), endpoint.priority + 1));
    ++priorities_[endpoint.priority].hosts;
    priorities_[endpoint.priority].available += is_available(hosts_[slot]) ? 1U : 0U;
    ejected_count_ += hosts_[slot].ejected ? 1U : 0U;
  }
  host_count_ = static_cast<std::uint32_t>(endpoints.size());
  for (auto* candidates : {&rate_candidates_, &percentage_candidates_}) {
    candidates->reserve(host_count_);
  }
  rates_.reserve(host_count_);
  samples_.reserve(host_count_);
}

const OutlierDetector::Host* OutlierDetector::find(balance::EndpointId endpoint) const {
  const bool is_known = endpoint.value() < hosts_.size() && hosts_[endpoint.value()].present;
  return is_known ? &hosts_[endpoint.value()] : nullptr;
}

OutlierDetector::Host* OutlierDetector::find(balance::EndpointId endpoint) {
  return const_cast<Host*>(std::as_const(*this).find(endpoint));
}

bool OutlierDetector::is_ejected(balance::EndpointId endpoint) const {
  const Host* host = find(endpoint);
  return host != nullptr && host->ejected;
}

std::uint32_t OutlierDetector::backoff(balance::EndpointId endpoint) const {
  const Host* host = find(endpoint);
  return host == nullptr ? 0 : host->backoff;
}

void OutlierDetector::report_response(Instant now, balance::EndpointId endpoint,
                                      std::uint16_t status) {
  Host* host = find(endpoint);
  if (host == nullptr) {
    return;
  }
  ++host->external.current.requests;
  if (!is_5xx(status)) {
    ++host->external.current.successes;
    host->consecutive_5xx = 0;
    host->consecutive_gateway_failure = 0;
    return;
  }
  if (is_gateway_error(status)) {
    detect_run(now, endpoint, *host, OutlierCause::consecutive_gateway_failure,
               options_.consecutive_gateway_failure, host->consecutive_gateway_failure);
  } else {
    host->consecutive_gateway_failure = 0;
  }
  detect_run(now, endpoint, *host, OutlierCause::consecutive_5xx, options_.consecutive_5xx,
             host->consecutive_5xx);
}

void OutlierDetector::report(Instant now, balance::EndpointId endpoint, OriginResult result) {
  Host* host = find(endpoint);
  if (host == nullptr) {
    return;
  }
  if (options_.origin_errors == OriginErrors::together) {
    if (const std::uint16_t status = status_of(result); status != 0) {
      report_response(now, endpoint, status);
    }
    return;
  }
  switch (result) {
    case OriginResult::local_origin_connect_success:
    case OriginResult::local_origin_connect_success_final:
      count_local(now, endpoint, *host, true);
      break;
    case OriginResult::local_origin_connect_failed:
    case OriginResult::local_origin_timeout:
      count_local(now, endpoint, *host, false);
      break;
    case OriginResult::external_failure:
      // Envoy maps this to 503 here and to 500 where origins are not split.
      report_response(now, endpoint, 503);
      break;
    case OriginResult::external_success:
      report_response(now, endpoint, 200);
      count_local(now, endpoint, *host, true);
      break;
  }
}

void OutlierDetector::count_local(Instant now, balance::EndpointId endpoint, Host& host,
                                  bool succeeded) {
  ++host.local.current.requests;
  if (succeeded) {
    ++host.local.current.successes;
    host.consecutive_local_origin_failure = 0;
    return;
  }
  detect_run(now, endpoint, host, OutlierCause::consecutive_local_origin_failure,
             options_.consecutive_local_origin_failure, host.consecutive_local_origin_failure);
}

void OutlierDetector::detect_run(Instant now, balance::EndpointId endpoint, Host& host,
                                 OutlierCause cause, const ConsecutiveRule& rule,
                                 std::uint32_t& run) {
  // Equal, not at least: a run that goes on after an ejection detects nothing more.
  if (++run != rule.threshold || options_.dialect == OutlierDialect::grpc_a50 || host.ejected) {
    return;
  }
  decide(now, {.endpoint = endpoint,
               .cause = cause,
               .value = static_cast<double>(run),
               .threshold = static_cast<double>(rule.threshold),
               .enforcing_percent = rule.enforcing_percent});
  // Whatever was decided: the next run counts from the start.
  run = 0;
}

void OutlierDetector::report_active_check(Instant now, balance::EndpointId endpoint, bool healthy) {
  Host* host = find(endpoint);
  if (host == nullptr) {
    return;
  }
  Priority& priority = priorities_[host->priority];
  priority.available -= is_available(*host) ? 1U : 0U;
  host->actively_healthy = healthy;
  priority.available += is_available(*host) ? 1U : 0U;
  if (healthy && host->ejected && options_.successful_active_health_check_uneject_host) {
    return_host(now, endpoint, *host, OutlierAction::returned_by_check);
  }
}

void OutlierDetector::forget_active_checks() {
  for (Host& host : hosts_) {
    if (host.present && !host.actively_healthy) {
      host.actively_healthy = true;
      priorities_[host.priority].available += is_available(host) ? 1U : 0U;
    }
  }
}

void OutlierDetector::decide(Instant now, const Detection& detection) {
  Host& host = hosts_[detection.endpoint.value()];
  const OutlierAction action = verdict_on(host, detection);
  // Recorded first, so that the counts in the event are those the decision was made on.
  record(now, detection, action, Duration::zero());
  if (action == OutlierAction::ejected) {
    events_.back().ejection_time = eject(now, host, detection.cause);
  }
}

OutlierAction OutlierDetector::verdict_on(const Host& host, const Detection& detection) {
  if (!cap_allows()) {
    return OutlierAction::prevented_by_cap;
  }
  if (!panic_allows(host)) {
    return OutlierAction::prevented_by_panic;
  }
  return random_.below(100) < detection.enforcing_percent ? OutlierAction::ejected
                                                          : OutlierAction::not_enforced;
}

bool OutlierDetector::cap_allows() const {
  const std::uint64_t hundredfold = std::uint64_t{100} * ejected_count_;
  const std::uint64_t most =
      std::uint64_t{std::min(options_.max_ejection_percent, 100U)} * host_count_;
  if (options_.dialect == OutlierDialect::grpc_a50) {
    return hundredfold < most;
  }
  return hundredfold + 100 <= most || (options_.always_eject_one_host && ejected_count_ == 0);
}

bool OutlierDetector::panic_allows(const Host& host) const {
  const Priority& priority = priorities_[host.priority];
  const std::uint64_t left = priority.available - (is_available(host) ? 1U : 0U);
  return 100 * left >= std::uint64_t{options_.available_percent_min} * priority.hosts;
}

Duration OutlierDetector::eject(Instant now, Host& host, OutlierCause cause) {
  set_ejected(host, true);
  host.cause = cause;
  host.ejected_at = now;
  const Duration base = options_.base_ejection_time;
  if (options_.dialect == OutlierDialect::grpc_a50) {
    ++host.backoff;
    host.ejection_time = std::min(base * host.backoff, options_.max_ejection_time);
    return host.ejection_time;
  }
  const Duration jitter = random_.uniform(Duration::zero(), options_.max_ejection_time_jitter);
  if (base * host.backoff < options_.max_ejection_time + base) {
    ++host.backoff;
  }
  host.ejection_time = std::min(base * host.backoff, options_.max_ejection_time) + jitter;
  return host.ejection_time;
}

void OutlierDetector::return_host(Instant now, balance::EndpointId endpoint, Host& host,
                                  OutlierAction action) {
  record(now, {.endpoint = endpoint, .cause = host.cause}, action, Duration::zero());
  set_ejected(host, false);
  host.returned_at = now;
  // Or a host that returns with four failures counted would be ejected for one more.
  host.consecutive_5xx = 0;
  host.consecutive_gateway_failure = 0;
  host.consecutive_local_origin_failure = 0;
}

void OutlierDetector::set_ejected(Host& host, bool ejected) {
  if (host.ejected == ejected) {
    return;
  }
  Priority& priority = priorities_[host.priority];
  priority.available -= is_available(host) ? 1U : 0U;
  host.ejected = ejected;
  priority.available += is_available(host) ? 1U : 0U;
  ejected_count_ = ejected ? ejected_count_ + 1 : ejected_count_ - 1;
}

void OutlierDetector::record(Instant now, const Detection& detection, OutlierAction action,
                             Duration time) {
  events_.push_back({.at = now,
                     .endpoint = detection.endpoint,
                     .action = action,
                     .cause = detection.cause,
                     .value = detection.value,
                     .threshold = detection.threshold,
                     .ejected_hosts = ejected_count_,
                     .hosts = host_count_,
                     .ejection_time = time});
}

}  // namespace windtunnel::health
