// What an outlier detector decided about one host, with the numbers behind it. Everything that a
// post-mortem asks ("why was this host not ejected?") can be answered from these alone.
#pragma once

#include <cstdint>

#include <boost/describe/enum.hpp>

#include "models/balance/endpoint.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::health {

enum class OutlierCause : std::uint8_t {
  consecutive_5xx,
  consecutive_gateway_failure,
  consecutive_local_origin_failure,
  success_rate,
  success_rate_local_origin,
  failure_percentage,
  failure_percentage_local_origin,
  majority,
};
BOOST_DESCRIBE_ENUM(OutlierCause, consecutive_5xx, consecutive_gateway_failure,
                    consecutive_local_origin_failure, success_rate, success_rate_local_origin,
                    failure_percentage, failure_percentage_local_origin, majority)

enum class OutlierAction : std::uint8_t {
  ejected,
  not_enforced,        ///< Detected, but the enforcing percentage spared it.
  prevented_by_cap,    ///< Too many are ejected already (max_ejection_percent).
  prevented_by_panic,  ///< Too few of its priority would be left (available_percent_min).
  returned,            ///< Its time was over, at a sweep.
  returned_by_check,   ///< It passed an active health check.
  forgotten,           ///< It was ejected, and is gone, or who ejected it is.
};

struct OutlierEvent {
  Instant at{};
  balance::EndpointId endpoint{};
  OutlierAction action = OutlierAction::ejected;
  /// Of a return: of the ejection that ended.
  OutlierCause cause = OutlierCause::consecutive_5xx;
  /// What was seen and what it was held against: failures in a row, a success rate or failures in
  /// percent, or for `majority` the hosts that are better and how many must be. 0 for returns.
  double value = 0;
  double threshold = 0;
  /// Before this decision, over all priorities.
  std::uint32_t ejected_hosts = 0;
  std::uint32_t hosts = 0;
  /// Of an ejection: how long at least, jitter included. It ends at a sweep, so in effect rounded
  /// up.
  Duration ejection_time{};
};

}  // namespace windtunnel::health
