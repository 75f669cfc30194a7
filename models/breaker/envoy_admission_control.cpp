#include "models/breaker/envoy_admission_control.hpp"

#include <algorithm>

#include "runtime/check.hpp"
#include "runtime/portable_math.hpp"

namespace windtunnel::breaker {

EnvoyAdmissionControl::Sums& EnvoyAdmissionControl::Sums::operator+=(const Sums& other) {
  requests += other.requests;
  successes += other.successes;
  return *this;
}

EnvoyAdmissionControl::Sums& EnvoyAdmissionControl::Sums::operator-=(const Sums& other) {
  requests -= other.requests;
  successes -= other.successes;
  return *this;
}

EnvoyAdmissionControl::EnvoyAdmissionControl(const EnvoyAdmissionControlOptions& options,
                                             RandomStream random)
    : options_(options), window_(std::chrono::seconds{1}, options.window_seconds), random_(random) {
  check(options.success_threshold > 0 && options.success_threshold <= 1,
        "a success rate to fall below");
  check(options.aggression >= 1, "aggression of 1 is linear");
}

bool EnvoyAdmissionControl::admit(Instant now) {
  return !random_.chance(Probability::of_ratio(rejection_probability(now)));
}

void EnvoyAdmissionControl::settle(Instant now, Result result) {
  window_.add(now, Sums{1, result == Result::succeeded ? 1U : 0U});
}

double EnvoyAdmissionControl::rejection_probability(Instant now) {
  const Sums& sums = window_.total(now);
  if (sums.requests < options_.requests_per_second_minimum * options_.window_seconds) {
    return 0;
  }
  const auto requests = static_cast<double>(sums.requests);
  const double expected = static_cast<double>(sums.successes) / options_.success_threshold;
  const double linear = (requests - expected) / (requests + 1);
  if (linear <= 0) {
    return 0;
  }
  const double probability =
      options_.aggression == 1 ? linear : portable_exp(portable_log(linear) / options_.aggression);
  return std::min(options_.rejection_maximum, probability);
}

}  // namespace windtunnel::breaker
