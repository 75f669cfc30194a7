// A counter that starts anew at every multiple of the window on the clock. The cheapest limiter,
// and the one that admits up to twice its limit in little time across a boundary.
#pragma once

#include <cstdint>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

class FixedWindow {
 public:
  /// At most `limit` > 0 in each `window` > 0.
  FixedWindow(std::uint32_t limit, Duration window);

  /// retry_after is exact. O(1).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1) const;

  [[nodiscard]] bool is_fresh(Instant now) const { return count_at(now) == 0; }

 private:
  /// The number of the window that `now` is in.
  [[nodiscard]] std::int64_t index_of(Instant now) const;
  [[nodiscard]] std::uint32_t count_at(Instant now) const {
    return index_of(now) > index_of(latest_) ? 0 : count_;
  }

  std::uint32_t limit_;
  Duration window_;
  Instant latest_{};
  std::uint32_t count_ = 0;  ///< In the window of `latest_`.
};

}  // namespace windtunnel::limit
