// What proxies state about themselves: the rare changes of state that explain a run. Requests are
// counted, not stated.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"

namespace windtunnel::proxy {

struct BreakerChanged {
  static constexpr std::string_view kWireName = "proxy.breaker_changed";
  std::string callee;
  std::string from;
  std::string to;
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(BreakerChanged, (), (callee, from, to, cause))

/// `prevented` says why an endpoint that was found bad stays in service.
struct EndpointEjected {
  static constexpr std::string_view kWireName = "proxy.endpoint_ejected";
  std::string callee;
  HostId endpoint{};
  std::string cause;
  double value = 0;
  double threshold = 0;
};
BOOST_DESCRIBE_STRUCT(EndpointEjected, (), (callee, endpoint, cause, value, threshold))

struct EjectionPrevented {
  static constexpr std::string_view kWireName = "proxy.ejection_prevented";
  std::string callee;
  HostId endpoint{};
  std::string cause;
  std::uint32_t ejected = 0;
  std::uint32_t endpoints = 0;
};
BOOST_DESCRIBE_STRUCT(EjectionPrevented, (), (callee, endpoint, cause, ejected, endpoints))

/// Its ejection is over; or it is gone, and should it come back nothing will be held against it.
struct EndpointReturned {
  static constexpr std::string_view kWireName = "proxy.endpoint_returned";
  std::string callee;
  HostId endpoint{};
};
BOOST_DESCRIBE_STRUCT(EndpointReturned, (), (callee, endpoint))

/// No instance is registered any more, and the proxy goes on with those that it had.
struct EndpointsKept {
  static constexpr std::string_view kWireName = "proxy.endpoints_kept";
  std::string callee;
  std::uint64_t endpoints = 0;
};
BOOST_DESCRIBE_STRUCT(EndpointsKept, (), (callee, endpoints))

/// By active checks. `cause`: "no answer", "connection" or "another service".
struct EndpointFailedChecks {
  static constexpr std::string_view kWireName = "proxy.endpoint_failed_checks";
  std::string callee;
  HostId endpoint{};
  std::string cause;
};
BOOST_DESCRIBE_STRUCT(EndpointFailedChecks, (), (callee, endpoint, cause))

struct EndpointPassedChecks {
  static constexpr std::string_view kWireName = "proxy.endpoint_passed_checks";
  std::string callee;
  HostId endpoint{};
};
BOOST_DESCRIBE_STRUCT(EndpointPassedChecks, (), (callee, endpoint))

/// The proxy holds a lease on its part of the quota, having had none; how much it is then changes
/// with each lease. In thousandths of a request a second.
struct QuotaLeased {
  static constexpr std::string_view kWireName = "proxy.quota_leased";
  std::string callee;
  std::uint64_t quota = 0;
};
BOOST_DESCRIBE_STRUCT(QuotaLeased, (), (callee, quota))

/// Noticed when the proxy next asks for one, so up to a second late.
struct QuotaLeaseLost {
  static constexpr std::string_view kWireName = "proxy.quota_lease_lost";
  std::string callee;
};
BOOST_DESCRIBE_STRUCT(QuotaLeaseLost, (), (callee))

}  // namespace windtunnel::proxy
