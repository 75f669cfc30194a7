#include "models/breaker/windowed_limit.hpp"

#include <algorithm>
#include <utility>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

WindowedLimit::WindowedLimit(const WindowedLimitOptions& options,
                             std::unique_ptr<ConcurrencyLimit> inner)
    : options_(options), inner_(std::move(inner)) {
  check(inner_ != nullptr, "a windowed limit steers another");
  check(options.window_minimum <= options.window_maximum, "window_minimum <= window_maximum");
}

void WindowedLimit::observe(const LimitSample& sample) {
  if (sample.rtt < options_.rtt_minimum) {
    return;
  }
  window_.shortest = std::min(window_.shortest, sample.rtt);
  window_.sum += sample.rtt;
  window_.in_flight_most = std::max(window_.in_flight_most, sample.in_flight);
  window_.samples += 1;
  window_.dropped = window_.dropped || sample.dropped;

  const Instant end = sample.started + sample.rtt;
  if (end <= next_update_) {
    return;
  }
  const Window ended = std::exchange(window_, Window{});
  next_update_ =
      end + std::clamp(2 * ended.shortest, options_.window_minimum, options_.window_maximum);
  if (ended.samples >= options_.samples_minimum) {
    inner_->observe(
        {sample.started, ended.sum / ended.samples, ended.in_flight_most, ended.dropped});
  }
}

}  // namespace windtunnel::breaker
