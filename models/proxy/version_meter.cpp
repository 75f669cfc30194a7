#include "models/proxy/version_meter.hpp"

#include <algorithm>
#include <utility>

#include "runtime/timer.hpp"

namespace windtunnel::proxy {

namespace {

VersionCounts& counts_in(VersionReport& report, std::uint32_t version) {
  const auto at =
      std::lower_bound(report.versions.begin(), report.versions.end(), version,
                       [](const VersionCounts& c, std::uint32_t v) { return c.version < v; });
  if (at != report.versions.end() && at->version == version) {
    return *at;
  }
  return *report.versions.insert(at, VersionCounts{version, 0, 0, {}});
}

}  // namespace

VersionMeter::VersionMeter(Host& host, VersionMeterOptions options)
    : host_(host), options_(std::move(options)) {
  spawn(host, run());
}

void VersionMeter::count(std::string_view service, std::uint32_t version,
                         service::CallOutcome outcome, Duration latency) {
  if (outcome == service::CallOutcome::expired || outcome == service::CallOutcome::rejected) {
    return;
  }
  VersionCounts& counts = counts_of(service, version);
  ++counts.attempts;
  if (outcome == service::CallOutcome::ok) {
    add_to(counts.latencies, bucket_of(latency), 1);
  } else {
    ++counts.errors;
  }
}

void VersionMeter::count_outrun(std::string_view service, std::uint32_t version,
                                Duration under_way) {
  add_to(counts_of(service, version).latencies, outrun_bucket_of(under_way), 1);
}

VersionCounts& VersionMeter::counts_of(std::string_view service, std::uint32_t version) {
  auto report = counts_.find(service);
  if (report == counts_.end()) {
    report = counts_.emplace(std::string{service}, VersionReport{std::string{service}, {}}).first;
  }
  return counts_in(report->second, version);
}

asio::awaitable<void> VersionMeter::run() {
  // Proxies that start together do not report together.
  RandomStream phase = host_.random("proxy.version_reports");
  co_await sleep_for(host_, phase.uniform(Duration::zero(), options_.every));
  for (;;) {
    co_await sleep_for(host_, options_.every);
    report();
  }
}

void VersionMeter::report() {
  for (auto& [service, counted] : counts_) {
    if (counted.versions.empty()) {
      continue;
    }
    for (const HostId node : options_.control_plane) {
      host_.messages().send(node, counted);
    }
    counted.versions.clear();
  }
}

}  // namespace windtunnel::proxy
