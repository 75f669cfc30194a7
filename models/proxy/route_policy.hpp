// What the control plane decides about the way from one service to another: the settings of every
// component on it. Values only; they travel as configuration documents, and a Route is made of
// them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/proxy/bulkhead_settings.hpp"
#include "models/proxy/health_check_settings.hpp"
#include "models/proxy/hedge_settings.hpp"
#include "models/proxy/hierarchical_limit_settings.hpp"
#include "models/proxy/locality_settings.hpp"
#include "models/proxy/mtls_settings.hpp"
#include "models/proxy/overload_settings.hpp"
#include "models/proxy/parts_per_billion.hpp"
#include "models/proxy/quota_settings.hpp"
#include "models/proxy/rate_limit_settings.hpp"
#include "models/proxy/retry_quota_settings.hpp"
#include "models/proxy/route_admission_settings.hpp"
#include "models/proxy/subset_settings.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::proxy {

/// How an endpoint is chosen. The names of products carry their behaviour; the others are ours.
enum class BalanceKind : std::uint8_t {
  round_robin,
  least_request,
  random,
  peak_ewma,
  ring_hash,
  maglev,
  bounded_hash,
  nginx_round_robin,
  nginx_least_conn,
  nginx_ketama,
  haproxy_roundrobin,
  haproxy_leastconn,
  haproxy_random,
  envoy_round_robin,
  envoy_least_request,
};
BOOST_DESCRIBE_ENUM(BalanceKind, round_robin, least_request, random, peak_ewma, ring_hash, maglev,
                    bounded_hash, nginx_round_robin, nginx_least_conn, nginx_ketama,
                    haproxy_roundrobin, haproxy_leastconn, haproxy_random, envoy_round_robin,
                    envoy_least_request)

struct BalanceSettings {
  BalanceKind kind = BalanceKind::least_request;
  std::uint32_t panic_percent = 50;  ///< 0: never.
  bool zone_aware = false;
  Duration slow_start{};  ///< Zero: none.
  /// Endpoints that one proxy uses (balance::deterministic_subset); 0: all.
  std::uint32_t subset_size = 0;

  friend bool operator==(const BalanceSettings&, const BalanceSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(BalanceSettings, (),
                      (kind, panic_percent, zone_aware, slow_start, subset_size))

enum class JitterKind : std::uint8_t { none, full, equal, decorrelated };
BOOST_DESCRIBE_ENUM(JitterKind, none, full, equal, decorrelated)

struct RetrySettings {
  std::uint32_t attempts = 2;  ///< The first one included.
  Duration backoff = std::chrono::milliseconds{25};
  Duration backoff_max = std::chrono::milliseconds{250};
  JitterKind jitter = JitterKind::full;
  /// Retries allowed, as a share of the requests under way. Absent: as many as attempts allow.
  std::optional<PartsPerBillion> budget{};

  friend bool operator==(const RetrySettings&, const RetrySettings&) = default;
};
BOOST_DESCRIBE_STRUCT(RetrySettings, (), (attempts, backoff, backoff_max, jitter, budget))

/// Errors that open a breaker by their number, whatever their share.
struct BreakerCounts {
  std::optional<std::uint32_t> consecutive_errors{};
  std::optional<std::uint32_t> error_count{};  ///< Within the window.

  friend bool operator==(const BreakerCounts&, const BreakerCounts&) = default;
};
BOOST_DESCRIBE_STRUCT(BreakerCounts, (), (consecutive_errors, error_count))

struct BreakerSettings {
  PartsPerBillion error_ratio = 500'000'000;
  std::optional<PartsPerBillion> slow_ratio{};
  Duration slow_after = std::chrono::seconds{1};
  Duration window = std::chrono::seconds{10};
  std::uint32_t minimum = 20;  ///< Attempts in the window before a ratio counts.
  Duration open_for = std::chrono::seconds{5};
  std::uint32_t half_open = 5;  ///< Attempts let through to find out.
  std::optional<BreakerCounts> counts{};

  friend bool operator==(const BreakerSettings&, const BreakerSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(BreakerSettings, (),
                      (error_ratio, slow_ratio, slow_after, window, minimum, open_for, half_open,
                       counts))

struct OutlierSettings {
  std::uint32_t consecutive_errors = 5;  ///< 0: off.
  Duration interval = std::chrono::seconds{10};
  Duration eject_for = std::chrono::seconds{30};
  PartsPerBillion max_ejected = 100'000'000;
  bool success_rate = true;
  bool robust = false;  ///< Our own test beside Envoy's.

  friend bool operator==(const OutlierSettings&, const OutlierSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(OutlierSettings, (),
                      (consecutive_errors, interval, eject_for, max_ejected, success_rate, robust))

/// The policy of one route. An absent block means that the component is not on the way.
struct RoutePolicy {
  static constexpr std::string_view kWireName = "proxy.route_policy";

  std::string caller{};  ///< A service's name, or "*" for any.
  std::string callee{};
  BalanceSettings balance{};
  Duration timeout = std::chrono::seconds{1};   ///< Of one attempt.
  Duration deadline = std::chrono::seconds{2};  ///< Of a request with all its attempts.
  /// Whether an endpoint hears that nobody waits for its answer any more.
  bool cancel = true;
  std::optional<RetrySettings> retry{};
  std::optional<BreakerSettings> breaker{};
  std::optional<OutlierSettings> outlier{};
  std::optional<RateLimitSettings> rate_limit{};
  std::optional<std::uint32_t> concurrency{};  ///< Requests under way at once from one caller.
  std::optional<HedgeSettings> hedge{};        ///< In the place of retries.
  std::optional<AdaptiveConcurrencySettings> adaptive_concurrency{};
  std::optional<ThrottleSettings> throttle{};
  std::optional<HealthCheckSettings> health_check{};
  std::optional<QuotaSettings> quota{};  ///< Shared by all proxies under this policy.
  std::optional<LocalitySettings> locality{};
  std::optional<RetryQuotaSettings> retry_quota{};  ///< In the place of a budget.
  // These travel among the PolicyAdditions.
  std::optional<BulkheadSettings> bulkhead{};  ///< In the place of `concurrency`.
  std::optional<RouteAdmissionSettings> admission{};
  std::optional<HierarchicalLimitSettings> hierarchical_limit{};  ///< Beside a rate limit.
  std::optional<SubsetSettings> subsets{};  ///< Not where the service has versions.
  std::optional<MtlsSettings> mtls{};

  friend bool operator==(const RoutePolicy&, const RoutePolicy&) = default;
};
BOOST_DESCRIBE_STRUCT(RoutePolicy, (),
                      (caller, callee, balance, timeout, deadline, cancel, retry, breaker, outlier,
                       rate_limit, concurrency, hedge, adaptive_concurrency, throttle, health_check,
                       quota, locality, retry_quota))

}  // namespace windtunnel::proxy
