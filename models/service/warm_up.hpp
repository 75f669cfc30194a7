// A process that has just started is slow: cold caches, interpreted code, empty pools. The cost of
// a job falls on a straight line from a multiple of itself to itself; it depends on the time since
// the start, not on the work done.
#pragma once

#include <cmath>

#include "runtime/check.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::service {

struct WarmUp {
  Duration lasts{};
  double slowdown = 1;  ///< What a job costs at the start, in multiples of its usual cost.
  friend bool operator==(const WarmUp&, const WarmUp&) = default;
};

/// What `work` costs when it begins `age` after the process started.
[[nodiscard]] inline Duration warming(const WarmUp& warm_up, Duration age, Duration work) {
  if (age >= warm_up.lasts) {
    return work;
  }
  check(warm_up.slowdown >= 1, "a cold process is not faster than a warm one");
  const double left =
      1 - static_cast<double>(age.count()) / static_cast<double>(warm_up.lasts.count());
  const double factor = 1 + (warm_up.slowdown - 1) * left;
  return Duration{std::llround(static_cast<double>(work.count()) * factor)};
}

}  // namespace windtunnel::service
