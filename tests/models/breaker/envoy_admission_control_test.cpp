#include "models/breaker/envoy_admission_control.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace windtunnel::breaker {
namespace {

EnvoyAdmissionControl after(int successes, int failures,
                            EnvoyAdmissionControlOptions options = {}) {
  EnvoyAdmissionControl control{options, RandomStream{7, "admission"}};
  for (int call = 0; call < successes; ++call) {
    control.settle(Instant{}, EnvoyAdmissionControl::Result::succeeded);
  }
  for (int call = 0; call < failures; ++call) {
    control.settle(Instant{}, EnvoyAdmissionControl::Result::failed);
  }
  return control;
}

// ((n − s / 0.95) / (n + 1)), by hand: 100 calls of which 57 succeed, 60 are expected to.
TEST(EnvoyAdmissionControl, FollowsItsFormula) {
  EXPECT_DOUBLE_EQ(after(57, 43).rejection_probability(Instant{}), (100 - 57 / 0.95) / 101);
  EXPECT_EQ(after(95, 5).rejection_probability(Instant{}), 0) << "the threshold is kept";
  EXPECT_DOUBLE_EQ(after(0, 1000).rejection_probability(Instant{}), 0.8) << "the maximum";
  const double linear = (100 - 57 / 0.95) / 101;
  EXPECT_NEAR(after(57, 43, {.aggression = 2}).rejection_probability(Instant{}), std::sqrt(linear),
              1e-12);
}

TEST(EnvoyAdmissionControl, TurnsNothingDownAtALowRate) {
  EXPECT_EQ(after(0, 299, {.requests_per_second_minimum = 10}).rejection_probability(Instant{}), 0);
  EXPECT_GT(after(0, 300, {.requests_per_second_minimum = 10}).rejection_probability(Instant{}), 0);
}

TEST(EnvoyAdmissionControl, AdmitsTheRestOfTheProbability) {
  EnvoyAdmissionControl control = after(57, 43);
  int admitted = 0;
  for (int request = 0; request < 20'000; ++request) {
    admitted += control.admit(Instant{}) ? 1 : 0;
  }
  // Five deviations of a binomial share at 0.604.
  EXPECT_NEAR(admitted / 20'000.0, 1 - 40.0 / 101, 5 * std::sqrt(0.604 * 0.396 / 20'000));
}

}  // namespace
}  // namespace windtunnel::breaker
