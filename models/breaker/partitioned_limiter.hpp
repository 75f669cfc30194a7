// Shares one adaptive limit among kinds of calls, so that a flood of one kind cannot shut out the
// others.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/breaker/concurrency_limiter.hpp"
#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::breaker {

/// Dense from zero, in the order of the shares.
using PartitionId = Id<struct PartitionTag>;

struct PartitionedPermit {
  LimitPermit permit;
  PartitionId partition{};
};

/// AbstractPartitionedLimiter of Netflix concurrency-limits 0.5. A partition's share of the limit
/// (rounded up, at least one call) is guaranteed, not enforced: while fewer calls than the limit
/// are under way in all, any partition may take more. Then calls under way may exceed the limit, by
/// at most the shares that were lent out.
///
/// Left out: the sleep that the original can impose on refused callers, and its partition for calls
/// of unknown kind, for which there is no share.
class PartitionedLimiter {
 public:
  /// `shares` are of the limit, for example {0.9, 0.1}; their sum is at most 1.
  PartitionedLimiter(std::unique_ptr<ConcurrencyLimit> limit, const std::vector<double>& shares);

  /// O(1), allocates nothing.
  [[nodiscard]] std::optional<PartitionedPermit> admit(Instant now, PartitionId partition);
  void settle(Instant now, const PartitionedPermit& permit, LimitOutcome outcome);

  [[nodiscard]] std::uint32_t limit(Instant now) { return limit_->limit(now); }
  /// What the partition is guaranteed now.
  [[nodiscard]] std::uint32_t guaranteed(Instant now, PartitionId partition);
  [[nodiscard]] std::uint32_t in_flight() const { return in_flight_; }
  [[nodiscard]] std::uint32_t in_flight(PartitionId partition) const {
    return partitions_[partition.value()].in_flight;
  }

 private:
  struct Partition {
    double share = 0;
    std::uint32_t in_flight = 0;
  };

  std::unique_ptr<ConcurrencyLimit> limit_;
  std::vector<Partition> partitions_;
  std::uint32_t in_flight_ = 0;
};

}  // namespace windtunnel::breaker
