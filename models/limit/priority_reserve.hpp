// A token bucket that keeps its last tokens for critical requests. Ordinary load, however much,
// leaves critical requests at least what a bucket of the same rate, as large as the reserve, would
// give them alone.
#pragma once

#include <cstdint>

#include "models/limit/priority.hpp"
#include "models/limit/token_bucket.hpp"

namespace windtunnel::limit {

class PriorityReserve {
 public:
  /// Precondition: `reserved` < `burst`, or ordinary requests would never pass.
  PriorityReserve(Rate rate, std::uint32_t burst, std::uint32_t reserved, Instant now)
      : bucket_(rate, burst, now), reserved_(reserved) {
    check(reserved < burst, "something is left for ordinary requests");
  }

  /// The retry_after of an ordinary request is a lower bound: critical ones may come first. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n, Priority priority) {
    return bucket_.admit(now, n, priority == Priority::critical ? 0 : reserved_);
  }

 private:
  TokenBucket bucket_;
  std::uint32_t reserved_;
};

}  // namespace windtunnel::limit
