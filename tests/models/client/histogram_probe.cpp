// Reads nanoseconds, one a line, and writes the count and quantiles of a LatencyHistogram of them,
// for comparison with HdrHistogram (hdr_histogram_test.py).
#include <cstdint>
#include <iostream>

#include "models/client/latency_histogram.hpp"

int main() {
  windtunnel::client::LatencyHistogram histogram;
  for (std::int64_t value = 0; std::cin >> value;) {
    histogram.record(windtunnel::Duration{value});
  }
  std::cout << histogram.count() << '\n';
  for (const double quantile : {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
    std::cout << histogram.quantile(quantile).count() << '\n';
  }
  return 0;
}
