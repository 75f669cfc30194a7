// A rate over time, made of steps and ramps, and the inverse of its integral: when has so much
// arrived? Arrival processes are this inverse applied to exponential or to unit amounts.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/instant.hpp"

namespace windtunnel::client {

/// How the rate gets from this point to the next: it holds until then, or moves on a straight line.
enum class RateChange : std::uint8_t { step, ramp };

struct RatePoint {
  Duration at{};  ///< Since the load's start.
  double per_second = 0;
  RateChange towards_next = RateChange::step;

  friend bool operator==(const RatePoint&, const RatePoint&) = default;
};

/// The rate before the first point is zero; after the last it stays.
class RateProfile {
 public:
  RateProfile() = default;
  /// The same rate for ever.
  explicit RateProfile(double per_second);
  /// Points with ascending times and rates that are not negative.
  explicit RateProfile(std::vector<RatePoint> points);

  [[nodiscard]] const std::vector<RatePoint>& points() const { return points_; }
  [[nodiscard]] double rate_at(Duration at) const;

 private:
  std::vector<RatePoint> points_;
};

/// Walks along one profile. Amounts asked for must not descend, so that a walk is O(points).
class RateCursor {
 public:
  /// When the integral of the rate reaches `amount` (in arrivals); absent where it never does.
  [[nodiscard]] std::optional<Duration> when(const RateProfile& profile, double amount);

 private:
  std::size_t segment_ = 0;
  double before_ = 0;  // The integral where the segment begins.
};

}  // namespace windtunnel::client
