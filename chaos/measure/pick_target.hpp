// How the picks of a service should fall on its instances, over time: equal shares for those that
// run. An instance that is slow, cut off or ejected runs; one that crashed, lost its power or is
// paused does not, while that lasts.
#pragma once

#include <cstdint>
#include <vector>

#include "chaos/measure/record.hpp"

namespace windtunnel::chaos {

/// Shares of one stretch of time, in the order of the instances; they add up to 1, or all are 0
/// where nobody can be picked.
struct PickShares {
  TrueInstant since;
  std::vector<double> of_instance;
};

class PickTarget {
 public:
  /// `stretches` ascend and are not empty. The last one never ends; what is before the first
  /// belongs to it.
  PickTarget(std::vector<HostId> instances, std::vector<PickShares> stretches);

  [[nodiscard]] const std::vector<HostId>& instances() const { return instances_; }
  [[nodiscard]] const std::vector<PickShares>& stretches() const { return stretches_; }
  /// Whether every instance has the same share at all times.
  [[nodiscard]] bool is_even() const { return is_even_; }
  /// The place of an instance in the order; instances().size() for any other host. O(1).
  [[nodiscard]] std::size_t place_of(HostId host) const {
    return host.value() < places_.size() ? places_[host.value()] : instances_.size();
  }

 private:
  std::vector<HostId> instances_;
  std::vector<PickShares> stretches_;
  bool is_even_ = false;
  std::vector<std::uint32_t> places_;  // By host.
};

/// Equal shares for the instances that run.
[[nodiscard]] PickTarget even_target(const std::vector<HostId>& instances,
                                     const std::vector<FaultRecord>& faults);

/// The shares that these counts of the instances have, at all times. At least one is not 0.
[[nodiscard]] PickTarget fixed_target(const std::vector<HostId>& instances,
                                      const std::vector<std::uint64_t>& counts);

}  // namespace windtunnel::chaos
