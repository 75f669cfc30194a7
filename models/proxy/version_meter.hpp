// Counts how attempts at each version of a service end, and reports the counts to the control plane
// from time to time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/proxy/version_report.hpp"
#include "models/service/caller.hpp"
#include "runtime/host.hpp"

namespace windtunnel::proxy {

struct VersionMeterOptions {
  /// All of them hear everything, as both of a pair of Prometheus servers scrape everything:
  /// whichever takes over has the numbers.
  std::vector<HostId> control_plane;
  Duration every = std::chrono::seconds{1};
};

/// Part of a Program.
class VersionMeter {
 public:
  VersionMeter(Host& host, VersionMeterOptions options);
  VersionMeter(const VersionMeter&) = delete;
  VersionMeter& operator=(const VersionMeter&) = delete;

  /// What is the caller's own business (expired, not sent at all) is not counted.
  void count(std::string_view service, std::uint32_t version, service::CallOutcome outcome,
             Duration latency);
  /// An attempt was given up after so long because a later one had answered.
  void count_outrun(std::string_view service, std::uint32_t version, Duration under_way);

 private:
  [[nodiscard]] VersionCounts& counts_of(std::string_view service, std::uint32_t version);
  asio::awaitable<void> run();
  void report();

  Host& host_;
  VersionMeterOptions options_;
  std::map<std::string, VersionReport, std::less<>> counts_;  ///< Since the last report.
};

}  // namespace windtunnel::proxy
