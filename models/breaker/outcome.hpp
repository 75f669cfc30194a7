// How one admitted call ended, and what a window keeps of it.
#pragma once

#include <cstdint>

namespace windtunnel::breaker {

/// As the caller judges it. `ignored` says nothing about the server (the caller cancelled, the
/// request was malformed): it returns the permit and counts nowhere.
enum class Outcome : std::uint8_t { succeeded, failed, ignored };

/// One ended call. Failing and being slow are independent: a slow failure counts as both.
struct CallSample {
  bool failed = false;
  bool slow = false;
};

/// Ended calls within a window.
struct CallCounts {
  std::uint64_t calls = 0;
  std::uint64_t errors = 0;
  std::uint64_t slow = 0;

  CallCounts& operator+=(const CallCounts& other) {
    calls += other.calls;
    errors += other.errors;
    slow += other.slow;
    return *this;
  }
  CallCounts& operator-=(const CallCounts& other) {
    calls -= other.calls;
    errors -= other.errors;
    slow -= other.slow;
    return *this;
  }
  friend bool operator==(const CallCounts&, const CallCounts&) = default;
};

[[nodiscard]] constexpr CallCounts counts_of(CallSample sample) {
  return {1, sample.failed ? 1U : 0U, sample.slow ? 1U : 0U};
}

}  // namespace windtunnel::breaker
