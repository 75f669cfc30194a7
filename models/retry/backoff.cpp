#include "models/retry/backoff.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::retry {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Beyond this every cap has been reached, and the growth could only overflow.
constexpr double kGrowthMax = 0x1p62;

Duration scaled(Duration span, double factor, Duration max) {
  const double product = static_cast<double>(span.count()) * factor;
  return product < static_cast<double>(max.count()) ? Duration{static_cast<std::int64_t>(product)}
                                                    : max;
}

}  // namespace

BackoffOptions BackoffOptions::grpc_2017() {
  return {.initial = milliseconds{100}, .max = seconds{1}};
}
BackoffOptions BackoffOptions::grpc() {
  return {.initial = milliseconds{100}, .max = seconds{1}, .jitter = Jitter::proportional};
}
BackoffOptions BackoffOptions::grpc_connection() {
  return {.initial = seconds{1},
          .max = seconds{120},
          .multiplier = 1.6,
          .jitter = Jitter::proportional,
          .spread = 0.2};
}
BackoffOptions BackoffOptions::envoy() {
  return {.initial = milliseconds{25}, .max = milliseconds{250}};
}
BackoffOptions BackoffOptions::aws() {
  return {.initial = milliseconds{100}, .max = seconds{20}};
}
BackoffOptions BackoffOptions::aws_2026() {
  return {.initial = milliseconds{50}, .max = seconds{20}};
}

Backoff::Backoff(const BackoffOptions& options) : options_(options) {
  check(Duration::zero() < options.initial && options.initial <= options.max,
        "a backoff starts above zero and not above its cap");
  check(options.multiplier >= 1, "a backoff does not shrink");
  check(0 <= options.spread && options.spread < 1, "a delay is not spread below zero");
}

Duration Backoff::next_from(Duration initial, RandomStream& random) {
  if (options_.jitter == Jitter::decorrelated) {
    return decorrelated(initial, random);
  }
  const Duration ceiling = ceiling_from(initial);
  growth_ = std::min(growth_ * options_.multiplier, kGrowthMax);
  switch (options_.jitter) {
    case Jitter::full:
      return random.uniform(Duration::zero(), ceiling);
    case Jitter::equal:
      return random.uniform(ceiling / 2, ceiling);
    case Jitter::proportional:
      return random.uniform(scaled(ceiling, 1 - options_.spread, Duration::max()),
                            scaled(ceiling, 1 + options_.spread, Duration::max()));
    case Jitter::none:
    case Jitter::decorrelated:
      break;
  }
  return ceiling;
}

void Backoff::reset() {
  growth_ = 1;
  previous_ = Duration::zero();
}

Duration Backoff::ceiling_from(Duration initial) const {
  return scaled(initial, growth_, options_.max);
}

Duration Backoff::decorrelated(Duration initial, RandomStream& random) {
  const Duration previous = std::max(previous_, initial);
  previous_ = std::min(options_.max, random.uniform(initial, scaled(previous, 3, Duration::max())));
  return previous_;
}

}  // namespace windtunnel::retry
