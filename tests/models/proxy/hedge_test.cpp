#include "models/proxy/hedge.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "runtime/distribution.hpp"

namespace windtunnel::proxy {
namespace {

using namespace std::chrono_literals;

/// Which copy tells the quantile how long it took.
enum class Observed : std::uint8_t { first_copy, winner };

struct Shape {
  const char* name;
  Duration (*draw)(RandomStream&);
};

Duration exponential(RandomStream& random) {
  return Duration{static_cast<std::int64_t>(-5e6 * std::log(1 - random.unit()))};
}

Duration two_humps(RandomStream& random) {
  const Duration base = random.chance(Probability::of_ratio(0.1)) ? 80ms : 4ms;
  return base + Duration{static_cast<std::int64_t>(random.below(60'000'000))};
}

Duration heavy_tail(RandomStream& random) {
  return Duration{static_cast<std::int64_t>(2e6 / std::sqrt(1 - random.unit()))};
}

constexpr Shape kShapes[] = {
    {"exponential", exponential}, {"two humps", two_humps}, {"heavy tail", heavy_tail}};

/// The share of calls that send a second copy, over the second half of 100 000 calls.
double share_hedged(const Shape& shape, Observed observed, std::uint64_t seed) {
  RandomStream random{seed, "latencies"};
  Hedge hedge{HedgeSettings{}};
  Instant now{1s};
  int hedged = 0;
  constexpr int kCalls = 100'000;
  for (int i = 0; i < kCalls; ++i) {
    now += 1ms;
    const Duration delay = hedge.options(now, 1s).delay;
    const Duration first = shape.draw(random);
    const Duration second = delay + shape.draw(random);
    const bool is_hedged = first > delay;
    hedged += is_hedged && i >= kCalls / 2 ? 1 : 0;
    const Duration winner = is_hedged ? std::min(first, second) : first;
    if (observed == Observed::winner && is_hedged && second < first) {
      hedge.observe_first(now, second - delay);
    } else {
      // The first copy's own time, or when it was given up.
      hedge.observe_first(now, winner);
    }
  }
  return hedged / (kCalls / 2.0);
}

TEST(Hedge, SendsASecondCopyForOneCallInTwentyWhateverTheLatencies) {
  for (const Shape& shape : kShapes) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const double share = share_hedged(shape, Observed::first_copy, seed);
      EXPECT_LE(share, 0.055) << shape.name << ", seed " << seed;
      EXPECT_GE(share, 0.03) << shape.name << ", seed " << seed;
    }
  }
}

// The check above is able to fail: a quantile of the answers that count is lowered by its own
// success, and ever more calls are hedged.
TEST(Hedge, WouldSendEverMoreCopiesIfTheWinnersCounted) {
  EXPECT_GT(share_hedged(kShapes[1], Observed::winner, 1), 0.055);
}

TEST(Hedge, WaitsForTheAttemptsTimeoutWhileItKnowsTooLittle) {
  Hedge hedge{HedgeSettings{}};
  EXPECT_EQ(hedge.options(Instant{}, 300ms).delay, 300ms);
  for (int i = 0; i < 100; ++i) {
    hedge.observe_first(Instant{1s}, 10ms);
  }
  EXPECT_NEAR(static_cast<double>(hedge.options(Instant{1s}, 300ms).delay.count()), 10e6, 0.4e6);
}

TEST(Hedge, HasABudgetOnlyWhereItIsAskedFor) {
  EXPECT_EQ(Hedge(HedgeSettings{}).budget(), nullptr);
  Hedge hedge{{.after = 10ms, .budget = 100'000'000}};
  ASSERT_NE(hedge.budget(), nullptr);
  const Instant now{1s};
  for (int i = 0; i < 100; ++i) {
    hedge.budget()->attempt_started(now, retry::AttemptKind::first);
  }
  int granted = 0;
  while (hedge.budget()->try_withdraw(now, retry::AttemptOutcome::timed_out)) {
    ++granted;
  }
  EXPECT_EQ(granted, 10);
}

}  // namespace
}  // namespace windtunnel::proxy
