#include "models/breaker/sre_throttle.hpp"

#include <algorithm>

#include "runtime/check.hpp"

namespace windtunnel::breaker {

SreThrottle::Sums& SreThrottle::Sums::operator+=(const Sums& other) {
  requests += other.requests;
  accepts += other.accepts;
  return *this;
}

SreThrottle::Sums& SreThrottle::Sums::operator-=(const Sums& other) {
  requests -= other.requests;
  accepts -= other.accepts;
  return *this;
}

SreThrottle::SreThrottle(const SreThrottleOptions& options, RandomStream random)
    : requests_per_accept_(options.requests_per_accept),
      requests_minimum_(options.requests_minimum),
      window_(options.bucket_length, options.bucket_count),
      random_(random) {
  check(options.requests_per_accept >= 1, "a client may send what the server accepts");
}

bool SreThrottle::admit(Instant now) {
  const Probability rejection = Probability::of_ratio(rejection_probability(now));
  window_.add(now, Sums{.requests = 1});
  return !random_.chance(rejection);
}

void SreThrottle::accept(Instant now) {
  window_.add(now, Sums{.accepts = 1});
}

double SreThrottle::rejection_probability(Instant now) {
  const Sums& sums = window_.total(now);
  if (sums.requests < requests_minimum_) {
    return 0;
  }
  const auto requests = static_cast<double>(sums.requests);
  const double excess = requests - requests_per_accept_ * static_cast<double>(sums.accepts);
  return std::max(0.0, excess / (requests + 1));
}

}  // namespace windtunnel::breaker
