// Takes localities in turn by weights that the control plane gives, lowered as hosts fail: Envoy's
// locality-weighted balancing (source/extensions/load_balancing_policies/common/locality_wrr.cc at
// 5622ee9).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

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
  struct Entry {
    double deadline = 0;
    std::uint64_t order = 0;  ///< Among equal deadlines the one scheduled first.
    std::uint32_t locality = 0;
    double weight = 0;
  };
  /// A heap's "less": due later.
  static bool is_later(const Entry& left, const Entry& right);
  void schedule(std::uint32_t locality, double weight);

  std::vector<Entry> heap_;
  double now_ = 0;
  std::uint64_t scheduled_ = 0;
};

}  // namespace windtunnel::balance
