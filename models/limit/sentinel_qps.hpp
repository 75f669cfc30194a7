// Sentinel's default flow rule by QPS, "reject at once" (Sentinel 1.8, DefaultController): passes
// while what passed within its two half-second buckets stays within the limit. Borrowing from the
// next window for prioritized requests (tryOccupyNext) is left out.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"
#include "models/limit/sentinel_window.hpp"

namespace windtunnel::limit {

class SentinelQps {
 public:
  explicit SentinelQps(double count) : count_(count) {}

  /// retry_after, which Sentinel does not tell, is when the next bucket starts: a lower bound.
  /// O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);

  [[nodiscard]] bool is_fresh(Instant now) const;

 private:
  double count_;
  SentinelWindow window_;
};

}  // namespace windtunnel::limit
