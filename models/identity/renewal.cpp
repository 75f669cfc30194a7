#include "models/identity/renewal.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/check.hpp"

namespace windtunnel::identity {

namespace {

retry::BackoffOptions backoff_options_of(const RenewalOptions& options) {
  return {.initial = options.backoff,
          .max = options.backoff_max,
          .multiplier = 2,
          .jitter = retry::Jitter::equal};
}

Duration part_of(Duration whole, double part) {
  return Duration{std::llround(static_cast<double>(whole.count()) * part)};
}

}  // namespace

Duration RenewalOptions::slack(Duration lifetime, Duration answer) const {
  return part_of(lifetime, grace_ratio - jitter) - backoff_max - answer;
}

Renewal::Renewal(const RenewalOptions& options, RandomStream random)
    : options_(options), random_(random), backoff_(backoff_options_of(options)) {
  check(options.jitter >= 0 && options.jitter <= options.grace_ratio &&
            options.grace_ratio + options.jitter <= 1,
        "a certificate is renewed within its lifetime");
}

bool Renewal::poll(Instant now) {
  if (now < due_) {
    return false;
  }
  due_ = Instant::max();
  return true;
}

void Renewal::install(Instant now, Duration left) {
  backoff_.reset();
  is_trying_again_ = false;
  const double grace = options_.grace_ratio + options_.jitter * (2 * random_.unit() - 1);
  // One that is of no use by this host's clock is not asked for over and over again.
  due_ = now + std::max(part_of(left, 1 - grace), options_.backoff);
}

void Renewal::fail(Instant now) {
  due_ = now + backoff_.next(random_);
  is_trying_again_ = true;
}

}  // namespace windtunnel::identity
