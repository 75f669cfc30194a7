// A limiter that is tried before it is enforced: it decides as ever and counts what it would have
// refused, and everything passes at once.
#pragma once

#include <cstdint>
#include <utility>

#include "models/limit/decision.hpp"

namespace windtunnel::limit {

template <typename Limiter>
class DryRun {
 public:
  explicit DryRun(Limiter limiter) : limiter_(std::move(limiter)) {}

  /// Always admits, without a wait. The limiter takes only what it would have admitted, so its next
  /// verdict is the one it would give if enforced and if refused requests did not come back.
  template <typename... Arguments>
  [[nodiscard]] Decision admit(Instant now, const Arguments&... arguments) {
    verdict_ = limiter_.admit(now, arguments...);
    ++(verdict_.admitted ? would_admit_ : would_refuse_);
    return Decision::pass();
  }

  /// Of the last request, had it been enforced.
  [[nodiscard]] const Decision& verdict() const { return verdict_; }
  [[nodiscard]] std::uint64_t would_admit() const { return would_admit_; }
  [[nodiscard]] std::uint64_t would_refuse() const { return would_refuse_; }

 private:
  Limiter limiter_;
  Decision verdict_{};
  std::uint64_t would_admit_ = 0;
  std::uint64_t would_refuse_ = 0;
};

}  // namespace windtunnel::limit
