// Runs one scenario of outlier detection in gRPC's dialect, for comparison with grpc-js: reads it
// from standard input as whitespace-separated numbers (see grpc_outlier_test.py) and writes one
// line for each sweep with the ejected hosts and everybody's multiplier.
#include <cstdint>
#include <iostream>

#include "tests/models/health/hosts_under_test.hpp"

namespace windtunnel::health {
namespace {

std::uint32_t read() {
  std::uint32_t value = 0;
  std::cin >> value;
  return value;
}

OutlierOptions read_options() {
  OutlierOptions options = grpc_a50_outlier_options();
  options.max_ejection_percent = read();
  options.base_ejection_time = std::chrono::seconds{read()};
  options.max_ejection_time = std::chrono::seconds{read()};
  // A test that is switched off needs more hosts than there are.
  const auto minimum_hosts = [](std::uint32_t enabled, std::uint32_t minimum) {
    return enabled != 0 ? minimum : ~std::uint32_t{0};
  };
  std::uint32_t enabled = read();
  options.success_rate.stdev_factor_thousandths = read();
  options.success_rate.minimum_hosts = minimum_hosts(enabled, read());
  options.success_rate.request_volume = read();
  enabled = read();
  options.failure_percentage.threshold_percent = read();
  options.failure_percentage.minimum_hosts = minimum_hosts(enabled, read());
  options.failure_percentage.request_volume = read();
  return options;
}

void run(std::uint32_t hosts) {
  const std::uint32_t sweeps = read();
  OutlierDetector detector = detector_over(hosts, read_options());
  for (std::uint32_t sweep = 0; sweep < sweeps; ++sweep) {
    const Instant now = detector.next_deadline();
    for (std::uint32_t host = 0; host < hosts; ++host) {
      const auto successes = static_cast<int>(read());
      const auto failures = static_cast<int>(read());
      if (!detector.is_ejected(balance::EndpointId{host})) {
        respond(detector, now, host, successes, failures);
      }
    }
    detector.on_deadline(now);
    for (std::uint32_t host = 0; host < hosts; ++host) {
      const balance::EndpointId endpoint{host};
      std::cout << (detector.is_ejected(endpoint) ? "E" : "-") << detector.backoff(endpoint) << ' ';
    }
    std::cout << '\n';
  }
}

}  // namespace
}  // namespace windtunnel::health

int main() {
  for (std::uint32_t hosts = 0; std::cin >> hosts;) {
    windtunnel::health::run(hosts);
  }
  return 0;
}
