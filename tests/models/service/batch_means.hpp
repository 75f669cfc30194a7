// Confidence intervals for the mean of a correlated sequence, by the method of batch means (Law,
// "Simulation Modeling and Analysis", section 9.5.3).
#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

namespace windtunnel::service {

struct Interval {
  double mean = 0;
  double half_width = 0;
  [[nodiscard]] bool contains(double value) const { return std::abs(value - mean) <= half_width; }
};

/// At 99.9 %, from 30 batches; the first tenth of the values is left out as the warm-up.
[[nodiscard]] inline Interval batch_means(const std::vector<double>& values) {
  constexpr std::size_t kBatches = 30;
  constexpr double kStudent29 = 3.659;
  const std::size_t begin = values.size() / 10;
  const std::size_t length = (values.size() - begin) / kBatches;
  std::vector<double> means;
  for (std::size_t batch = 0; batch < kBatches; ++batch) {
    double sum = 0;
    for (std::size_t i = 0; i < length; ++i) {
      sum += values[begin + batch * length + i];
    }
    means.push_back(sum / static_cast<double>(length));
  }
  double mean = 0;
  for (const double one : means) {
    mean += one / kBatches;
  }
  double square = 0;
  for (const double one : means) {
    square += (one - mean) * (one - mean) / (kBatches - 1);
  }
  return {mean, kStudent29 * std::sqrt(square / kBatches)};
}

}  // namespace windtunnel::service
