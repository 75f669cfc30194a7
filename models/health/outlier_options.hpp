// What an outlier detector can be told: Envoy's fields with Envoy's defaults
// (api/envoy/config/cluster/v3/outlier_detection.proto, main of 2026-02), gRPC's reading of the
// same message as a preset, and three settings of our own, off unless asked for.
#pragma once

#include <cstdint>

#include "models/health/majority_outlier.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::health {

/// Where two products read one configuration differently.
enum class OutlierDialect : std::uint8_t {
  /// The cap looks ahead: an ejection must leave 100·(ejected + 1)/hosts ≤ max. Failure percentage
  /// at the threshold ejects. Hosts return before a sweep looks for outliers.
  envoy,
  /// gRFC A50 as grpc-js 1.14.7 reads it (load-balancer-outlier-detection.ts): the cap looks back,
  /// 100·ejected/hosts < max, so that the first ejection happens at any maximum but 0. Failure
  /// percentage must exceed the threshold, and a host that both tests find is ejected for two base
  /// times. Hosts return after the search. No runs of failures, no jitter.
  grpc_a50,
};

/// A run of failures on one host. `enforcing_percent` is the chance that a detection ejects.
struct ConsecutiveRule {
  std::uint32_t threshold = 5;
  std::uint32_t enforcing_percent = 100;
};

/// A host's success rate below mean − factor·σ of all hosts with enough requests, σ of the
/// population.
struct SuccessRateRule {
  std::uint32_t minimum_hosts = 5;
  std::uint32_t request_volume = 100;
  std::uint32_t stdev_factor_thousandths = 1900;
  std::uint32_t enforcing_percent = 100;
  std::uint32_t enforcing_local_origin_percent = 100;
};

/// A host's failures in percent, whatever the others do.
struct FailurePercentageRule {
  std::uint32_t threshold_percent = 85;
  std::uint32_t minimum_hosts = 5;
  std::uint32_t request_volume = 50;
  std::uint32_t enforcing_percent = 0;
  std::uint32_t enforcing_local_origin_percent = 0;
};

/// How results without a status of their own are counted.
enum class OriginErrors : std::uint8_t {
  together,  ///< A refused connection counts as 503, a timeout as 504.
  split,     ///< What never reached the host has counters and success rates of its own.
};

struct OutlierOptions {
  OutlierDialect dialect = OutlierDialect::envoy;

  Duration interval = std::chrono::seconds{10};
  Duration base_ejection_time = std::chrono::seconds{30};
  Duration max_ejection_time = std::chrono::seconds{300};  ///< Not below the base.
  Duration max_ejection_time_jitter{};
  std::uint32_t max_ejection_percent = 10;
  /// Up to Envoy 1.26 the first host was always ejected; since envoyproxy/envoy#27909 the cap holds
  /// for it too, unless this says otherwise.
  bool always_eject_one_host = false;

  ConsecutiveRule consecutive_5xx;
  ConsecutiveRule consecutive_gateway_failure{.threshold = 5, .enforcing_percent = 0};
  ConsecutiveRule consecutive_local_origin_failure;
  SuccessRateRule success_rate;
  FailurePercentageRule failure_percentage;
  OriginErrors origin_errors = OriginErrors::together;
  /// A host that passes an active health check returns at once.
  bool successful_active_health_check_uneject_host = true;

  /// Ours: the test that still works when many hosts are bad. Replaces nothing; runs after the
  /// others and takes the worst hosts first.
  bool majority_enabled = false;
  MajorityOutlierOptions majority;
  /// Ours: an ejection must leave this share of a priority's hosts in service, so that outlier
  /// detection never is what sends a priority into panic (Envoy's panic threshold is 50 %). 0: off.
  std::uint32_t available_percent_min = 0;
};

/// What gRPC clients do with their defaults (gRFC A50): success rate and failure percentage only,
/// both enforced.
[[nodiscard]] OutlierOptions grpc_a50_outlier_options();

}  // namespace windtunnel::health
