#include "models/client/rate_profile.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::client {

namespace {

constexpr double kNanosecondsPerSecond = 1e9;

double seconds_of(Duration span) {
  return static_cast<double>(span.count()) / kNanosecondsPerSecond;
}

/// One piece of a profile, in seconds from its own start.
struct Segment {
  double lasts = std::numeric_limits<double>::infinity();
  double rate = 0;
  double slope = 0;  ///< Change of the rate per second.

  [[nodiscard]] double amount() const {
    const double mean_rate = slope == 0 ? rate : rate + slope * lasts / 2;
    return mean_rate > 0 ? lasts * mean_rate : 0;
  }

  /// Solves rate·t + slope·t²/2 = amount for t. In the form that divides by the sum of the rates at
  /// both ends, which neither cancels nor fails for slope 0.
  [[nodiscard]] double when(double amount) const {
    const double square = rate * rate + 2 * slope * amount;
    return 2 * amount / (rate + std::sqrt(square > 0 ? square : 0));
  }
};

Segment segment_of(const std::vector<RatePoint>& points, std::size_t index) {
  Segment segment;
  segment.rate = points[index].per_second;
  if (index + 1 < points.size()) {
    segment.lasts = seconds_of(points[index + 1].at - points[index].at);
    if (points[index].towards_next == RateChange::ramp) {
      segment.slope = (points[index + 1].per_second - segment.rate) / segment.lasts;
    }
  }
  return segment;
}

}  // namespace

RateProfile::RateProfile(double per_second)
    : RateProfile(std::vector<RatePoint>{{Duration{}, per_second, RateChange::step}}) {}

RateProfile::RateProfile(std::vector<RatePoint> points) : points_(std::move(points)) {
  for (std::size_t i = 0; i < points_.size(); ++i) {
    check(points_[i].per_second >= 0, "a rate is not negative");
    check(points_[i].at >= Duration::zero(), "a rate's times count from the load's start");
    check(i == 0 || points_[i - 1].at < points_[i].at, "a rate's times ascend");
  }
}

double RateProfile::rate_at(Duration at) const {
  std::size_t index = points_.size();
  while (index > 0 && points_[index - 1].at > at) {
    --index;
  }
  if (index == 0) {
    return 0;
  }
  const Segment segment = segment_of(points_, index - 1);
  return segment.rate + segment.slope * seconds_of(at - points_[index - 1].at);
}

std::optional<Duration> RateCursor::when(const RateProfile& profile, double amount) {
  const auto& points = profile.points();
  while (segment_ < points.size()) {
    const Segment segment = segment_of(points, segment_);
    const double here = amount - before_;
    if (segment.amount() > 0 && here <= segment.amount()) {
      const double after = segment.when(here) * kNanosecondsPerSecond;
      return points[segment_].at + Duration{rounded(after)};
    }
    before_ += segment.amount();
    ++segment_;
  }
  return std::nullopt;
}

}  // namespace windtunnel::client
