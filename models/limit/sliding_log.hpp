// The exact sliding window: it remembers every admission of the last window, so no stretch of that
// length ever holds more than the limit. Memory for `limit` admissions is taken once, when made.
#pragma once

#include <cstdint>
#include <vector>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

class SlidingLog {
 public:
  /// At most `limit` > 0 in any half-open stretch of `window` > 0: an admission counts until
  /// exactly one window later.
  SlidingLog(std::uint32_t limit, Duration window);

  /// retry_after is exact. O(log limit).
  [[nodiscard]] Decision admit(Instant now, std::uint32_t n = 1);
  [[nodiscard]] Decision peek(Instant now, std::uint32_t n = 1) const;

  [[nodiscard]] bool is_fresh(Instant now) const { return used_at(now) == 0; }

 private:
  struct Admission {
    Instant at{};
    std::uint64_t before = 0;  ///< Permits admitted ever before this one.
  };
  [[nodiscard]] const Admission& admission(std::uint64_t number) const {
    return ring_[number & (ring_.size() - 1)];
  }
  /// The number of the first admission that still counts at `now`; `next_` if none does.
  [[nodiscard]] std::uint64_t first_counting(Instant now) const;
  [[nodiscard]] std::uint64_t used_at(Instant now) const;
  /// The first admission in [first, next_) with `permits` or more admitted up to and with it.
  [[nodiscard]] std::uint64_t first_reaching(std::uint64_t first, std::uint64_t permits) const;

  std::uint32_t limit_;
  Duration window_;
  std::vector<Admission> ring_;  ///< As long as the next power of two.
  std::uint64_t first_ = 0;      ///< Admissions are numbered; those in [first_, next_) are kept.
  std::uint64_t next_ = 0;
  std::uint64_t total_ = 0;
  Instant latest_ = Instant::min();
};

}  // namespace windtunnel::limit
