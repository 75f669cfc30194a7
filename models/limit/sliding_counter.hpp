// The sliding window from two counters (Cloudflare: "How we built rate limiting capable of scaling
// to millions of domains", 2017): the last full window counts for the share of it that is still in
// sight. It errs where the last window's requests were not spread evenly; Cloudflare reports 0.003
// % of requests decided wrongly. Unlike Cloudflare's it counts in integers, and only what it
// admitted.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

class SlidingCounter {
 public:
  /// At most about `limit` > 0 in any `window` > 0; limit × window fits 63 bits of nanoseconds.
  SlidingCounter(std::uint32_t limit, Duration window);

  /// retry_after is exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1) const;

  [[nodiscard]] bool is_fresh(Instant now) const;

 private:
  struct Counts {
    std::int64_t index = 0;
    std::uint32_t previous = 0;
    std::uint32_t current = 0;
  };
  [[nodiscard]] Counts counts_at(Instant now) const;
  [[nodiscard]] Duration retry_after(const Counts& counts, Duration elapsed, std::uint32_t n) const;

  std::uint32_t limit_;
  Duration window_;
  Counts counts_{};
  Instant latest_{};
};

}  // namespace windtunnel::limit
