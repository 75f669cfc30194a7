// What all clients of a quota admit together, held against the bound of one token bucket: over any
// time t at most burst + rate × t.
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/instant.hpp"

namespace windtunnel::limit {

class Spending {
 public:
  Spending(double rate_per_second, double burst) : rate_(rate_per_second), burst_(burst) {}

  /// False where the requests admitted at `now` break the bound. Times do not go back.
  [[nodiscard]] bool add(TrueInstant now, std::uint64_t requests) {
    const double elapsed = static_cast<double>((now - last_).count()) * 1e-9;
    excess_ = std::max(excess_ - rate_ * elapsed, 0.0) + static_cast<double>(requests);
    last_ = now;
    total_ += requests;
    constexpr double kRounding = 1e-6;
    return excess_ <= burst_ + kRounding;
  }
  [[nodiscard]] std::uint64_t total() const { return total_; }

 private:
  double rate_;
  double burst_;
  double excess_ = 0;
  TrueInstant last_{};
  std::uint64_t total_ = 0;
};

}  // namespace windtunnel::limit
