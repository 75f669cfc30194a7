// A cluster's hosts for the tests of outlier detection: ids 0 to n − 1, and reports in bulk.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/health/outlier_detector.hpp"

namespace windtunnel::health {

inline std::vector<balance::Endpoint> hosts_of(std::uint32_t count, std::uint32_t priority = 0) {
  std::vector<balance::Endpoint> hosts;
  for (std::uint32_t index = 0; index < count; ++index) {
    hosts.push_back({.id = balance::EndpointId{index},
                     .address = "10.0.0." + std::to_string(index) + ":80",
                     .zone = "a",
                     .priority = priority,
                     .labels = {}});
  }
  return hosts;
}

/// A detector over `count` hosts, from instant zero.
inline OutlierDetector detector_over(std::uint32_t count, const OutlierOptions& options,
                                     std::uint64_t seed = 1) {
  OutlierDetector detector(options, Instant{}, RandomStream(seed, "outlier"));
  detector.update_endpoints(hosts_of(count));
  return detector;
}

/// `successes` and `failures` responses of one host, mixed so that no run of failures forms unless
/// there is nothing else.
inline void respond(OutlierDetector& detector, Instant now, std::uint32_t host, int successes,
                    int failures) {
  while (successes + failures > 0) {
    if (failures > 0) {
      detector.report_response(now, balance::EndpointId{host}, 500);
      --failures;
    }
    if (successes > 0) {
      detector.report_response(now, balance::EndpointId{host}, 200);
      --successes;
    }
  }
}

[[nodiscard]] constexpr Instant at(std::int64_t second) {
  return Instant{} + std::chrono::seconds{second};
}

inline void fail_run(OutlierDetector& detector, Instant now, std::uint32_t host, int length,
                     std::uint16_t status = 500) {
  for (int failure = 0; failure < length; ++failure) {
    detector.report_response(now, balance::EndpointId{host}, status);
  }
}

/// Decisions of this kind since the events were last cleared.
inline std::int64_t count_of(const OutlierDetector& detector, OutlierAction action) {
  return std::count_if(detector.events().begin(), detector.events().end(),
                       [&](const OutlierEvent& event) { return event.action == action; });
}

inline std::vector<std::uint32_t> ejected_hosts(const OutlierDetector& detector) {
  std::vector<std::uint32_t> ejected;
  for (std::uint32_t host = 0; host < detector.host_count(); ++host) {
    if (detector.is_ejected(balance::EndpointId{host})) {
      ejected.push_back(host);
    }
  }
  return ejected;
}

/// Only rates eject: runs of failures are detected and never enforced.
inline OutlierOptions rates_only() {
  OutlierOptions options;
  options.consecutive_5xx.enforcing_percent = 0;
  options.max_ejection_percent = 100;
  return options;
}

}  // namespace windtunnel::health
