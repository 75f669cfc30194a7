// What a proxy tells the control plane about the versions of a service that it called: how many
// attempts went to each since the last report, how many of them failed, and how long the others
// took. In production these are metrics, scraped and summed by a pipeline; here each proxy sends
// them itself, as increments, and one that gets lost is not sent again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/proxy/latency_buckets.hpp"

namespace windtunnel::proxy {

struct VersionCounts {
  std::uint32_t version = 1;
  std::uint64_t attempts = 0;  ///< That ended, and say something about the version.
  std::uint64_t errors = 0;    ///< Of these.
  /// Of the others; and of those outrun, which are not among `attempts`: how they would have ended
  /// nobody knows.
  LatencyCounts latencies;
  friend bool operator==(const VersionCounts&, const VersionCounts&) = default;
};
BOOST_DESCRIBE_STRUCT(VersionCounts, (), (version, attempts, errors, latencies))

struct VersionReport {
  static constexpr std::string_view kWireName = "proxy.version_report";
  std::string service;
  std::vector<VersionCounts> versions;  ///< By version, ascending.
};
BOOST_DESCRIBE_STRUCT(VersionReport, (), (service, versions))

}  // namespace windtunnel::proxy
