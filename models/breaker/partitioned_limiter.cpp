#include "models/breaker/partitioned_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

PartitionedLimiter::PartitionedLimiter(std::unique_ptr<ConcurrencyLimit> limit,
                                       const std::vector<double>& shares)
    : limit_(std::move(limit)) {
  check(limit_ != nullptr, "a limiter has a limit");
  double sum = 0;
  for (const double share : shares) {
    check(share >= 0, "a share is not negative");
    sum += share;
    partitions_.push_back({share, 0});
  }
  // Shares such as 0.9 and 0.1 may add up to a little more than 1.
  check(!shares.empty() && sum <= 1 + 1e-9, "the shares of a limit add up to at most all of it");
}

std::optional<PartitionedPermit> PartitionedLimiter::admit(Instant now, PartitionId id) {
  Partition& partition = partitions_[id.value()];
  if (in_flight_ >= limit_->limit(now) && partition.in_flight >= guaranteed(now, id)) {
    return std::nullopt;
  }
  ++in_flight_;
  ++partition.in_flight;
  return PartitionedPermit{{now, in_flight_}, id};
}

void PartitionedLimiter::settle(Instant now, const PartitionedPermit& permit,
                                LimitOutcome outcome) {
  Partition& partition = partitions_[permit.partition.value()];
  check(partition.in_flight > 0, "a call ends once");
  --partition.in_flight;
  --in_flight_;
  if (outcome != LimitOutcome::ignored) {
    limit_->observe(sample_of(now, permit.permit, outcome));
  }
}

std::uint32_t PartitionedLimiter::guaranteed(Instant now, PartitionId partition) {
  const double share = limit_->limit(now) * partitions_[partition.value()].share;
  return std::max(1U, static_cast<std::uint32_t>(std::ceil(share)));
}

}  // namespace windtunnel::breaker
