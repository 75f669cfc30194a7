#include "models/breaker/envoy_gradient_limit.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

namespace {

constexpr std::uint32_t kWindowsAtMinimum = 5;

Duration whole_microseconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration);
}

}  // namespace

EnvoyGradientLimit::EnvoyGradientLimit(const EnvoyGradientLimitOptions& options,
                                       RandomStream random, Instant now)
    : options_(options), random_(random), limit_(options.minimum), limit_before_(options.minimum) {
  check(options.minimum >= 1 && options.minimum <= options.maximum, "1 <= minimum <= maximum");
  check(options.window > Duration::zero(), "a window lasts");
  begin_measurement(now);
}

std::uint32_t EnvoyGradientLimit::limit(Instant now) {
  advance(now);
  return limit_;
}

void EnvoyGradientLimit::observe(const LimitSample& sample) {
  const Instant now = sample.started + sample.rtt;
  advance(now);
  // What started before the measurement was under way among more calls.
  if (sample.started < measuring_since_) {
    return;
  }
  latencies_.add(sample.rtt);
  if (is_measuring_ && latencies_.count() >= options_.measurement_calls) {
    end_measurement(now);
  }
}

void EnvoyGradientLimit::advance(Instant now) {
  if (is_measuring_) {
    return;
  }
  if (now >= next_window_ && next_window_ <= next_measurement_) {
    close_window(now);
  }
  if (now >= next_measurement_) {
    begin_measurement(now);
  }
}

void EnvoyGradientLimit::begin_measurement(Instant now) {
  is_measuring_ = true;
  measuring_since_ = now;
  windows_at_minimum_ = 0;
  limit_before_ = limit_;
  limit_ = options_.minimum;
  latencies_.clear();
}

void EnvoyGradientLimit::end_measurement(Instant now) {
  shortest_rtt_ = take_quantile();
  is_measuring_ = false;
  limit_ = limit_before_;
  const auto spread = static_cast<double>(options_.measurement_interval.count());
  const Duration jitter = random_.uniform(
      Duration::zero(), Duration{static_cast<std::int64_t>(spread * options_.measurement_jitter)});
  next_measurement_ = now + options_.measurement_interval + jitter;
  next_window_ = now + options_.window;
}

void EnvoyGradientLimit::close_window(Instant now) {
  // Windows that passed without a call change nothing.
  next_window_ += (now - next_window_) / options_.window * options_.window + options_.window;
  if (latencies_.count() == 0) {
    return;
  }
  const std::uint32_t before = limit_;
  limit_ = next_limit(take_quantile());
  const bool stays_at_minimum = before == options_.minimum && limit_ == options_.minimum;
  windows_at_minimum_ = stays_at_minimum ? windows_at_minimum_ + 1 : 0;
  if (windows_at_minimum_ >= kWindowsAtMinimum) {
    next_measurement_ = now;
  }
}

Duration EnvoyGradientLimit::take_quantile() {
  const Duration latency = whole_microseconds(latencies_.quantile(options_.quantile));
  latencies_.clear();
  return std::max<Duration>(latency, std::chrono::microseconds{1});
}

std::uint32_t EnvoyGradientLimit::next_limit(Duration window_rtt) const {
  const double buffered = static_cast<double>(shortest_rtt_.count()) * (1 + options_.buffer);
  const double gradient = std::clamp(buffered / static_cast<double>(window_rtt.count()), 0.5, 2.0);
  const double scaled = limit_ * gradient;
  const auto wanted = static_cast<std::uint32_t>(scaled + std::sqrt(scaled));
  return std::clamp(wanted, options_.minimum, options_.maximum);
}

}  // namespace windtunnel::breaker
