// What retries do to the load of the service underneath, against closed forms.
#include <cmath>

#include <gtest/gtest.h>

#include "models/retry/retry_budget.hpp"
#include "models/retry/retry_policy.hpp"

namespace windtunnel::retry {
namespace {

constexpr Instant kNow{};

/// One call whose attempts each fail with probability `failure`; returns the attempts made.
std::uint32_t attempts_of_call(const RetryOptions& options, Budget* budget, Probability failure,
                               RandomStream& random) {
  RetryPolicy policy{options, Deadline::never(), budget};
  for (;;) {
    static_cast<void>(policy.begin_attempt(kNow));
    const auto outcome =
        random.chance(failure) ? AttemptOutcome::unavailable : AttemptOutcome::succeeded;
    if (std::holds_alternative<Stop>(policy.settle(kNow, {.outcome = outcome}, random))) {
      return policy.attempts();
    }
  }
}

// Attempts per call with n allowed: 1 + p + p² + ... = (1 - p^n) / (1 - p).
TEST(Amplification, OfIndependentFailuresIsAGeometricSum) {
  constexpr int kCalls = 100'000;
  for (const double p : {0.1, 0.5, 0.9}) {
    for (const std::uint32_t n : {1U, 2U, 3U, 5U}) {
      RetryOptions options;
      options.attempts_max = n;
      RandomStream random{n, "test.amplification"};
      double sum = 0;
      double squares = 0;
      for (int call = 0; call < kCalls; ++call) {
        const double attempts =
            attempts_of_call(options, nullptr, Probability::of_ratio(p), random);
        sum += attempts;
        squares += attempts * attempts;
      }
      const double mean = sum / kCalls;
      const double error = std::sqrt((squares / kCalls - mean * mean) / kCalls);
      EXPECT_NEAR(mean, (1 - std::pow(p, n)) / (1 - p), 4 * error + 1e-12)
          << "p " << p << " attempts " << n;
    }
  }
}

/// A layer that retries the layer below it; the lowest is a database that is down.
std::uint64_t load_below(const RetryOptions& options, int layers, Budget* budget) {
  if (layers == 0) {
    return 1;
  }
  RandomStream random{1, "test.layers"};
  RetryPolicy policy{options, Deadline::never(), budget};
  std::uint64_t load = 0;
  do {
    static_cast<void>(policy.begin_attempt(kNow));
    load += load_below(options, layers - 1, budget);
  } while (std::holds_alternative<RetryAfter>(
      policy.settle(kNow, {.outcome = AttemptOutcome::unavailable}, random)));
  return load;
}

// SRE book, ch. 21: four attempts in each of three layers are 64 at the database.
TEST(Amplification, MultipliesOverLayers) {
  RetryOptions options;
  options.attempts_max = 4;
  EXPECT_EQ(load_below(options, 3, nullptr), 64U);
}

TEST(Amplification, UnderTheBudgetOfTheSreBookIsAtMostElevenTenths) {
  RetryOptions options;
  options.attempts_max = 4;
  RetryBudget budget{RetryBudgetOptions::sre()};
  RandomStream random{1, "test.budgeted"};
  constexpr std::uint64_t kCalls = 10'000;
  std::uint64_t attempts = 0;
  for (std::uint64_t call = 0; call < kCalls; ++call) {
    attempts += attempts_of_call(options, &budget, Probability::of_ratio(1), random);
  }
  EXPECT_EQ(attempts, kCalls + kCalls / 10);
}

}  // namespace
}  // namespace windtunnel::retry
