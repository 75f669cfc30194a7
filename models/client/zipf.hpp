// Skewed popularity: the k-th most popular of n is drawn with a probability proportional to
// k^-exponent. By rejection-inversion (Hörmann and Derflinger, "Rejection-inversion to generate
// variates from monotone discrete distributions", ACM TOMACS 6(3), 1996): O(1) without a table.
#pragma once

#include <cstdint>

#include "runtime/random.hpp"

namespace windtunnel::client {

class Zipf {
 public:
  /// `count` > 0; an exponent of 0 is uniform, about 1 is what caches and web pages see.
  Zipf(std::uint64_t count, double exponent);

  /// In [0, count), the most popular first.
  [[nodiscard]] std::uint64_t operator()(RandomStream& random) const;

 private:
  /// x^-exponent, its integral from 1, and the integral's inverse.
  [[nodiscard]] double density(double x) const;
  [[nodiscard]] double integral(double x) const;
  [[nodiscard]] double inverse(double area) const;

  std::uint64_t count_;
  double exponent_;
  double first_area_ = 0;
  double last_area_ = 0;
  double sure_ = 0;  // So near to the integer, a draw is never rejected.
};

}  // namespace windtunnel::client
