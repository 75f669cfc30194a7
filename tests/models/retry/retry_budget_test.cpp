// Finagle's budget, the SRE book's and Envoy's, against their arithmetic.
#include "models/retry/retry_budget.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "models/retry/active_retry_budget.hpp"
#include "runtime/random.hpp"

namespace windtunnel::retry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr AttemptOutcome kCause = AttemptOutcome::unavailable;

Instant at(std::int64_t ms) {
  return Instant{milliseconds{ms}};
}

void deposit(RetryBudget& budget, Instant now, int count) {
  for (int i = 0; i < count; ++i) {
    budget.attempt_started(now, AttemptKind::first);
  }
}

TEST(RetryBudget, GrantsOneRetryForEveryFiveRequestsAtTwentyPercent) {
  RetryBudget budget{{.ttl = seconds{10}, .ratio = 0.2, .retries_per_second_min = 0}};
  deposit(budget, at(0), 4);
  EXPECT_FALSE(budget.try_withdraw(at(0), kCause));
  deposit(budget, at(0), 1);
  EXPECT_EQ(budget.balance(at(0)), 1);
  EXPECT_TRUE(budget.try_withdraw(at(0), kCause));
  EXPECT_FALSE(budget.try_withdraw(at(0), kCause));
}

// As documented for percentCanRetry: 2.0 allows two retries for every request.
TEST(RetryBudget, AllowsMoreRetriesThanRequestsAboveOne) {
  RetryBudget budget{{.ttl = seconds{10}, .ratio = 2, .retries_per_second_min = 0}};
  deposit(budget, at(0), 3);
  EXPECT_EQ(budget.balance(at(0)), 6);
}

TEST(RetryBudget, HasAReserveOfTheMinimumRateTimesTheLife) {
  RetryBudget defaults{RetryBudgetOptions::finagle()};
  EXPECT_EQ(defaults.balance(at(0)), 100);
  RetryBudget only_reserve{{.ttl = seconds{5}, .ratio = 0, .retries_per_second_min = 2}};
  deposit(only_reserve, at(0), 1000);
  EXPECT_EQ(only_reserve.balance(at(0)), 10);
}

TEST(RetryBudget, WithoutReserveAndRatioGrantsNothing) {
  RetryBudget budget{{.ttl = seconds{5}, .ratio = 0, .retries_per_second_min = 0}};
  deposit(budget, at(0), 1000);
  EXPECT_FALSE(budget.try_withdraw(at(0), kCause));
}

TEST(RetryBudget, ForgetsRequestsAfterTheirLife) {
  RetryBudget budget{{.ttl = seconds{10}, .ratio = 0.2, .retries_per_second_min = 0}};
  deposit(budget, at(500), 50);
  EXPECT_EQ(budget.balance(at(9'999)), 10);
  EXPECT_EQ(budget.balance(at(10'000)), 0);
}

TEST(RetryBudget, TakesBackAWithdrawalThatWasNotUsed) {
  RetryBudget budget{{.ttl = seconds{10}, .ratio = 0.2, .retries_per_second_min = 0}};
  deposit(budget, at(0), 5);
  const auto withdrawal = budget.try_withdraw(at(0), kCause);
  ASSERT_TRUE(withdrawal);
  budget.cancel(at(0), *withdrawal);
  EXPECT_EQ(budget.balance(at(0)), 1);
}

// Every slice with its terms kept apart, summed anew: what the ring keeps incrementally.
TEST(ExpiringSum, AgreesWithASumOverAllTerms) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "test.expiring_sum"};
    ExpiringSum sum{seconds{10}};
    std::vector<std::pair<std::int64_t, std::int64_t>> terms;
    std::int64_t now_ms = 0;
    for (int step = 0; step < 400; ++step) {
      now_ms += static_cast<std::int64_t>(
          random.below(random.chance(Probability::of_ratio(0.02)) ? 30'000 : 700));
      const auto amount = static_cast<std::int64_t>(random.below(2001)) - 1000;
      sum.add(at(now_ms), amount);
      terms.emplace_back(now_ms / 1000, amount);
      std::int64_t expected = 0;
      for (const auto& [second, term] : terms) {
        expected += second + 10 > now_ms / 1000 ? term : 0;
      }
      ASSERT_EQ(sum.at(at(now_ms)), expected) << "seed " << seed << " step " << step;
    }
  }
}

// Whatever the load does: retries in any window of the budget's life stay below the ratio.
TEST(RetryBudget, OfTheSreBookKeepsTheLoadBelowElevenTenths) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream random{seed, "test.sre"};
    RetryBudget budget{RetryBudgetOptions::sre()};
    std::int64_t requests = 0;
    std::int64_t retries = 0;
    std::int64_t now_ms = 0;
    for (int step = 0; step < 50'000; ++step) {
      now_ms += static_cast<std::int64_t>(random.below(10));
      budget.attempt_started(at(now_ms), AttemptKind::first);
      ++requests;
      // Everything fails, and every failure wants two more attempts.
      for (int again = 0; again < 2; ++again) {
        if (budget.try_withdraw(at(now_ms), kCause)) {
          budget.attempt_started(at(now_ms), AttemptKind::retry);
          ++retries;
        }
      }
      ASSERT_LE(10 * retries, requests) << "seed " << seed;
    }
    EXPECT_GT(static_cast<double>(retries), 0.09 * static_cast<double>(requests));
  }
}

TEST(ActiveRetryBudget, AllowsAFifthOfWhatIsUnderWayAndAtLeastThree) {
  ActiveRetryBudget budget;
  EXPECT_EQ(budget.limit(), 3U);
  for (int i = 0; i < 19; ++i) {
    budget.attempt_started(at(0), AttemptKind::first);
  }
  EXPECT_EQ(budget.limit(), 3U);
  for (int i = 0; i < 81; ++i) {
    budget.attempt_started(at(0), AttemptKind::first);
  }
  EXPECT_EQ(budget.limit(), 20U);
}

TEST(ActiveRetryBudget, NeverHasMoreRetriesAtOnceThanItsLimitWhenTheyAreGranted) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "test.active"};
    ActiveRetryBudget budget;
    std::vector<std::optional<Withdrawal>> under_way;
    for (int step = 0; step < 2'000; ++step) {
      const auto choice = random.below(3);
      if (choice == 0) {
        budget.attempt_started(at(step), AttemptKind::first);
        under_way.emplace_back();
      } else if (choice == 1 && !under_way.empty()) {
        const auto before = budget.limit();
        if (const auto withdrawal = budget.try_withdraw(at(step), kCause)) {
          ASSERT_LE(budget.retries(), before);
          budget.attempt_started(at(step), AttemptKind::retry);
          under_way.push_back(withdrawal);
        } else {
          ASSERT_GE(budget.retries(), before);
        }
      } else if (!under_way.empty()) {
        const auto which = random.below(under_way.size());
        std::swap(under_way[which], under_way.back());
        budget.attempt_ended(at(step), {.outcome = kCause}, Retryable::yes, under_way.back());
        under_way.pop_back();
      }
    }
    const auto retries = std::count_if(under_way.begin(), under_way.end(),
                                       [](const auto& spent) { return spent.has_value(); });
    EXPECT_EQ(budget.retries(), static_cast<std::uint64_t>(retries));
  }
}

}  // namespace
}  // namespace windtunnel::retry
