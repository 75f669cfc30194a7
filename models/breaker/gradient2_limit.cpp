#include "models/breaker/gradient2_limit.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

namespace {

constexpr std::uint32_t kWarmUpSamples = 10;
constexpr double kRecovery = 0.95;

}  // namespace

Gradient2Limit::Gradient2Limit(const Gradient2LimitOptions& options)
    : options_(options), estimate_(options.initial) {
  check(options.minimum >= 1 && options.minimum <= options.maximum, "1 <= minimum <= maximum");
  check(options.smoothing > 0 && options.smoothing <= 1, "smoothing in (0, 1]");
  check(options.rtt_tolerance >= 1, "round trips may be as long as they are on average");
}

void Gradient2Limit::observe(const LimitSample& sample) {
  const auto rtt = static_cast<double>(sample.rtt.count());
  average_in(rtt);
  const double long_rtt = long_rtt_;
  if (long_rtt / rtt > 2) {
    long_rtt_ *= kRecovery;
  }
  if (sample.in_flight < estimate_ / 2) {
    return;  // The caller's demand, not the server, keeps the load down: nothing to learn.
  }
  const double gradient = std::clamp(options_.rtt_tolerance * long_rtt / rtt, 0.5, 1.0);
  const double wanted = estimate_ * gradient + options_.queue_size;
  const double smoothed = estimate_ * (1 - options_.smoothing) + wanted * options_.smoothing;
  estimate_ = std::clamp(smoothed, static_cast<double>(options_.minimum),
                         static_cast<double>(options_.maximum));
}

void Gradient2Limit::average_in(double rtt) {
  if (warm_up_count_ < kWarmUpSamples) {
    ++warm_up_count_;
    warm_up_sum_ += rtt;
    long_rtt_ = warm_up_sum_ / warm_up_count_;
    return;
  }
  const double weight = 2.0 / (options_.long_window + 1);
  long_rtt_ = long_rtt_ * (1 - weight) + rtt * weight;
}

}  // namespace windtunnel::breaker
