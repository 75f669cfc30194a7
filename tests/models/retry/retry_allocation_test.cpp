// This program replaces the global operator new to count: deciding about retries and hedges
// allocates nothing, from the first call on.
#include <gtest/gtest.h>

#include "models/retry/aws_retry_quota.hpp"
#include "models/retry/hedging.hpp"
#include "models/retry/retry_budget.hpp"
#include "models/retry/retry_policy.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::retry {
namespace {

TEST(RetryAllocation, IsNoneForRetriedAndHedgedCalls) {
  const RetryOptions options = RetryOptions::aws_2026();
  const HedgingOptions hedging_options{};
  RetryBudget budget{RetryBudgetOptions::finagle()};
  RandomStream random{1, "test.allocation"};
  const std::uint64_t before = counted_allocations();
  for (int call = 0; call < 10'000; ++call) {
    const Instant now{std::chrono::milliseconds{call}};
    RetryPolicy policy{options, Deadline::never(), &budget};
    do {
      static_cast<void>(policy.begin_attempt(now));
    } while (std::holds_alternative<RetryAfter>(
        policy.settle(now, {.outcome = AttemptOutcome::throttled}, random)));
    Hedging hedging{hedging_options, Deadline::never(), &budget};
    static_cast<void>(hedging.start(now));
    static_cast<void>(hedging.on_timer(hedging.next_timer()));
    static_cast<void>(hedging.on_result(now, 0, {}));
  }
  EXPECT_EQ(counted_allocations(), before);
}

}  // namespace
}  // namespace windtunnel::retry
