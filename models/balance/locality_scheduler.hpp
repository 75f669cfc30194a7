// Takes localities in turn by weights that the control plane gives, lowered as hosts fail: Envoy's
// locality-weighted balancing (source/extensions/load_balancing_policies/common/locality_wrr.cc at
// 5622ee9).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/slot_queue.hpp"

namespace windtunnel::balance {

/// `weight` times the share of usable hosts with the overprovisioning factor on it, at most
/// `weight`. Zero where nobody is counted.
[[nodiscard]] double effective_locality_weight(std::uint32_t weight, std::uint32_t usable_hosts,
                                               std::uint32_t hosts,
                                               std::uint32_t overprovisioning_percent);

/// Earliest deadline first: a locality of weight w is due every 1/w. A pick is O(log n) and
/// allocates nothing.
class LocalityScheduler {
 public:
  LocalityScheduler() = default;
  /// Index i of `weights` is what pick() returns; weights of zero are never picked. `turns_ahead`
  /// picks are made in advance, so that many proxies with one configuration do not start in step.
  LocalityScheduler(std::span<const double> weights, std::uint64_t turns_ahead);

  /// Nothing where no weight is above zero.
  [[nodiscard]] std::optional<std::uint32_t> pick();

 private:
  SlotQueue<double> queue_{0};
  std::vector<double> weights_;
  double now_ = 0;
};

}  // namespace windtunnel::balance
