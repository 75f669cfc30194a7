// Counts every allocation of this program, so it stands apart from the other tests.
#include <memory>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "models/breaker/breaker.hpp"
#include "models/breaker/bulkhead.hpp"
#include "models/breaker/concurrency_limiter.hpp"
#include "models/breaker/envoy_admission_control.hpp"
#include "models/breaker/envoy_gradient_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/presets.hpp"
#include "models/breaker/sre_throttle.hpp"
#include "models/breaker/vegas_limit.hpp"
#include "models/breaker/windowed_limit.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::breaker {
namespace {

using std::chrono::milliseconds;

/// The errors come and go, so that the breaker trips, tries and closes again and again.
std::uint64_t allocations_of(const BreakerOptions& options) {
  Breaker breaker{options, RandomStream{1, "breaker"}};
  RandomStream random{2, "calls"};
  std::uint64_t transitions = 0;
  Instant now{};
  const std::uint64_t before = counted_allocations();
  for (int step = 0; step < 200'000; ++step) {
    now += milliseconds{1 + static_cast<std::int64_t>(random.below(20))};
    const Admission admission = breaker.admit(now);
    if (const auto* permit = std::get_if<Permit>(&admission)) {
      const bool is_bad_time = step / 5'000 % 2 == 0;
      const bool fails = random.below(10) < (is_bad_time ? 8U : 0U);
      breaker.settle(now, *permit, fails ? Outcome::failed : Outcome::succeeded);
    }
    while (breaker.take_transition()) {
      ++transitions;
    }
  }
  const std::uint64_t allocated = counted_allocations() - before;
  EXPECT_GT(transitions, 20U) << "the loop has to visit all states";
  return allocated;
}

TEST(Allocations, BreakersMakeNoneInSteadyStateNorInTransitions) {
  EXPECT_EQ(allocations_of(resilience4j_2()), 0U);
  EXPECT_EQ(allocations_of(hystrix_1_5()), 0U);
  EXPECT_EQ(allocations_of(gobreaker_2()), 0U);
}

TEST(Allocations, ThrottlesMakeNone) {
  SreThrottle throttle{{}, RandomStream{1, "throttle"}};
  EnvoyAdmissionControl control{{}, RandomStream{1, "admission"}};
  Bulkhead bulkhead{{.retry_budget = retry::ActiveRetryShare{}}};
  Instant now{};
  const std::uint64_t before = counted_allocations();
  for (int step = 0; step < 100'000; ++step) {
    now += milliseconds{7};
    if (throttle.admit(now) && step % 3 == 0) {
      throttle.accept(now);
    }
    if (control.admit(now)) {
      control.settle(now, step % 3 == 0 ? EnvoyAdmissionControl::Result::succeeded
                                        : EnvoyAdmissionControl::Result::failed);
    }
    if (bulkhead.admit(Resource::retry) && step % 2 == 0) {
      bulkhead.settle(Resource::retry);
    }
  }
  EXPECT_EQ(counted_allocations(), before);
}

TEST(Allocations, ConcurrencyLimitsMakeNone) {
  const RandomStream random{1, "limit"};
  std::vector<std::unique_ptr<ConcurrencyLimiter>> limiters;
  limiters.push_back(std::make_unique<ConcurrencyLimiter>(std::make_unique<WindowedLimit>(
      WindowedLimitOptions{}, std::make_unique<VegasLimit>(VegasLimitOptions{}, random))));
  limiters.push_back(std::make_unique<ConcurrencyLimiter>(std::make_unique<WindowedLimit>(
      WindowedLimitOptions{}, std::make_unique<Gradient2Limit>(Gradient2LimitOptions{}))));
  limiters.push_back(std::make_unique<ConcurrencyLimiter>(
      std::make_unique<EnvoyGradientLimit>(EnvoyGradientLimitOptions{}, random, Instant{})));
  const std::uint64_t before = counted_allocations();
  for (const auto& limiter : limiters) {
    Instant now{};
    for (int step = 0; step < 100'000; ++step) {
      const std::optional<LimitPermit> permit = limiter->admit(now);
      now += milliseconds{10 + step % 5};
      limiter->settle(now, permit.value(), LimitOutcome::succeeded);
    }
  }
  EXPECT_EQ(counted_allocations(), before);
}

// The counter works: it sees what is planted.
TEST(Allocations, PlantedOneIsCounted) {
  const std::uint64_t before = counted_allocations();
  const auto planted = std::make_unique<Breaker>(hystrix_1_5(), RandomStream{1, "breaker"});
  EXPECT_GT(counted_allocations(), before);
}

}  // namespace
}  // namespace windtunnel::breaker
