// A bound on how many requests are under way at once, of which a share may be kept for the critical
// ones (Stripe, "Scaling your API with rate limiters", 2017: a fleet keeps 20 % for critical
// methods). It knows no time: only an end makes room.
#pragma once

#include <cstdint>

#include "models/limit/priority.hpp"
#include "runtime/check.hpp"

namespace windtunnel::limit {

class ConcurrencyLimit {
 public:
  /// Precondition: `reserved` of the `limit` places are kept for critical requests, at most all.
  explicit ConcurrencyLimit(std::uint32_t limit, std::uint32_t reserved = 0)
      : limit_(limit), reserved_(reserved) {
    check(reserved <= limit, "what is kept for some is part of the whole");
  }

  /// Takes `n` places, or none. O(1).
  [[nodiscard]] bool admit(std::uint32_t n = 1, Priority priority = Priority::ordinary) {
    const std::uint32_t limit = priority == Priority::critical ? limit_ : limit_ - reserved_;
    if (active_ > limit || n > limit - active_) {
      return false;
    }
    active_ += n;
    return true;
  }
  /// `n` admitted requests ended, however they did.
  void settle(std::uint32_t n = 1) {
    check(n <= active_, "a request ends once");
    active_ -= n;
  }
  /// Those under way above a lower limit are let finish.
  void set_limit(std::uint32_t limit, std::uint32_t reserved = 0) {
    check(reserved <= limit, "what is kept for some is part of the whole");
    limit_ = limit;
    reserved_ = reserved;
  }

  [[nodiscard]] std::uint32_t active() const { return active_; }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  std::uint32_t limit_;
  std::uint32_t reserved_;
  std::uint32_t active_ = 0;
};

}  // namespace windtunnel::limit
