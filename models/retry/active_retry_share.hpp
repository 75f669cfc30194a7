// How many retries Envoy's retry budget allows at once (`retry_budget` of a cluster's circuit
// breakers; RetryBudgetImpl::max() in source/common/upstream/resource_manager_impl.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include <boost/describe/class.hpp>

namespace windtunnel::retry {

/// Retries may be this share of what is active, and always `minimum`.
struct ActiveRetryShare {
  double percent = 20;
  std::uint64_t minimum = 3;

  /// With Envoy's order of operations: the product is rounded down.
  [[nodiscard]] std::uint64_t of(std::uint64_t active) const {
    const double share = percent / 100.0 * static_cast<double>(active);
    return std::max(static_cast<std::uint64_t>(share), minimum);
  }
};
BOOST_DESCRIBE_STRUCT(ActiveRetryShare, (), (percent, minimum))

}  // namespace windtunnel::retry
