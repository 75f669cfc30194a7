#include "models/health/phi_accrual.hpp"

#include <algorithm>
#include <cmath>

#include "models/health/normal_tail.hpp"
#include "runtime/check.hpp"

namespace windtunnel::health {
namespace {

// Thirteen days. With at most 4096 samples every sum below stays within 128 bits.
constexpr std::int64_t kLongestInterval = std::int64_t{1} << 50;
constexpr std::uint32_t kMostSamples = 4096;

double as_double(Duration span) {
  return static_cast<double>(span.count());
}

}  // namespace

PhiAccrual::PhiAccrual(const PhiAccrualOptions& options)
    : options_(options), quantile_(normal_tail_quantile(-options.threshold)) {
  check(options.threshold > 0, "a threshold of suspicion is positive");
  check(options.samples_max >= 2 && options.samples_max <= kMostSamples, "2 to 4096 samples");
  check(options.deviation_min > Duration::zero(), "some deviation is always expected");
  check(options.first_estimate > Duration::zero(), "heartbeats are some time apart");
  intervals_.resize(options.samples_max);
  const std::int64_t estimate = options.first_estimate.count();
  learn(estimate - estimate / 4);
  learn(estimate + estimate / 4);
}

void PhiAccrual::heartbeat(Instant now) {
  check(!latest_ || *latest_ <= now, "heartbeats come in the order of time");
  if (latest_ && is_available(now)) {
    learn((now - *latest_).count());
  }
  latest_ = now;
}

void PhiAccrual::learn(std::int64_t interval) {
  const std::int64_t added = std::min(interval, kLongestInterval);
  const auto square = [](std::int64_t value) {
    return static_cast<Wide>(value) * static_cast<Wide>(value);
  };
  if (count_ == intervals_.size()) {
    sum_ -= intervals_[next_];
    square_sum_ -= square(intervals_[next_]);
  } else {
    ++count_;
  }
  intervals_[next_] = added;
  sum_ += added;
  square_sum_ += square(added);
  next_ = next_ + 1 == intervals_.size() ? 0 : next_ + 1;
}

double PhiAccrual::mean_nanoseconds() const {
  return static_cast<double>(sum_) / count_;
}

double PhiAccrual::deviation_nanoseconds() const {
  const Wide total = static_cast<Wide>(sum_);
  return std::sqrt(static_cast<double>(square_sum_ * count_ - total * total)) / count_;
}

double PhiAccrual::expected_deviation() const {
  return std::max(deviation_nanoseconds(), as_double(options_.deviation_min));
}

double PhiAccrual::phi(Instant now) const {
  if (!latest_) {
    return 0;
  }
  const double expected = mean_nanoseconds() + as_double(options_.acceptable_pause);
  return -log10_normal_tail((as_double(now - *latest_) - expected) / expected_deviation());
}

double PhiAccrual::patience_nanoseconds() const {
  return mean_nanoseconds() + as_double(options_.acceptable_pause) +
         quantile_ * expected_deviation();
}

bool PhiAccrual::is_available(Instant now) const {
  return !latest_ || now < suspected_at();
}

Instant PhiAccrual::suspected_at() const {
  if (!latest_) {
    return Instant::max();
  }
  // A threshold below the median would put it before the heartbeat itself.
  const double patience = std::ceil(std::max(patience_nanoseconds(), 0.0));
  return instant_after(*latest_, Duration{static_cast<std::int64_t>(patience)});
}

}  // namespace windtunnel::health
