// What every limiter answers. A limiter is a plain state machine: the caller says what time it is,
// and a clock that goes back reads as one that stands still, so no limiter hands anything out
// twice. Spans count from the latest time that the limiter has seen.
#pragma once

#include "runtime/instant.hpp"

namespace windtunnel::limit {

struct Decision {
  bool admitted = false;
  /// Of an admitted request: how long it must be held before it goes on. Zero but for pacing.
  Duration wait{};
  /// Of a refused one: when the same request would be admitted if nothing else were admitted until
  /// then, where the limiter's header calls it exact. Duration::max() is never.
  Duration retry_after{};

  [[nodiscard]] static constexpr Decision pass(Duration wait = {}) {
    return {.admitted = true, .wait = wait, .retry_after = {}};
  }
  [[nodiscard]] static constexpr Decision refuse(Duration retry_after) {
    return {.admitted = false, .wait = {}, .retry_after = retry_after};
  }
  friend bool operator==(const Decision&, const Decision&) = default;
};

inline constexpr Duration kNever = Duration::max();

}  // namespace windtunnel::limit
