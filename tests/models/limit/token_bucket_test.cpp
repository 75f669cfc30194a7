#include "models/limit/token_bucket.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/limit/priority_reserve.hpp"
#include "runtime/random.hpp"
#include "tests/models/limit/trace.hpp"

namespace windtunnel::limit {
namespace {

__extension__ using Wide = __int128;

using std::chrono::milliseconds;
using std::chrono::seconds;

Instant at(Duration time) {
  return Instant{time};
}

struct Case {
  Rate rate;
  std::uint32_t burst;
};

Case draw_case(RandomStream& random) {
  const std::int64_t counts[] = {1, 3, 7, 10, 100, 999, 1'000'003};
  const Duration periods[] = {milliseconds{1}, seconds{1}, seconds{60}, Duration{7'777'777}};
  return {Rate{counts[random.below(7)], periods[random.below(4)]},
          static_cast<std::uint32_t>(1 + random.below(20))};
}

/// Every pair of admissions is a window: admitted within [i, j] ≤ burst + rate × (t_j − t_i).
bool exceeds_bound(const std::vector<Arrival>& admitted, const Case& limits) {
  for (std::size_t first = 0; first < admitted.size(); ++first) {
    std::int64_t sum = 0;
    for (std::size_t last = first; last < admitted.size(); ++last) {
      sum += admitted[last].n;
      const Wide elapsed{(admitted[last].at - admitted[first].at).count()};
      if ((Wide{sum} - limits.burst) * limits.rate.per() > elapsed * limits.rate.count()) {
        return true;
      }
    }
  }
  return false;
}

TEST(TokenBucket, NeverAdmitsMoreThanBurstPlusRateTimesTime) {
  std::size_t admitted_total = 0;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomStream random{seed, "token bucket bound"};
    const Case limits = draw_case(random);
    TokenBucket bucket{limits.rate, limits.burst, Instant{}};
    std::vector<Arrival> admitted;
    for (const Arrival& arrival : random_trace(
             random, {.permit = limits.rate.time_for(1).whole + Duration{1}, .n_max = 3})) {
      if (bucket.admit(arrival.at, arrival.n).admitted) {
        admitted.push_back(arrival);
      }
    }
    admitted_total += admitted.size();
    ASSERT_FALSE(exceeds_bound(admitted, limits)) << "seed " << seed;
  }
  EXPECT_GT(admitted_total, 50'000U);
}

TEST(TokenBucket, TheBoundIsTight) {
  // One token more than the bucket holds breaks the bound that the test above checks.
  const Case limits{Rate::per_second(10), 5};
  TokenBucket larger{limits.rate, 6, Instant{}};
  std::vector<Arrival> admitted;
  while (larger.admit(Instant{}).admitted) {
    admitted.push_back({Instant{}, 1});
  }
  EXPECT_TRUE(exceeds_bound(admitted, limits));
}

TEST(TokenBucket, GivesABackloggedSourceItsRate) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "token bucket backlog"};
    const Case limits = draw_case(random);
    TokenBucket bucket{limits.rate, limits.burst, Instant{}};
    Instant now{};
    std::int64_t admitted = 0;
    // A source that asks again exactly when it is told to loses nothing to waiting.
    while (admitted < 1'000) {
      const Decision decision = bucket.admit(now);
      admitted += decision.admitted ? 1 : 0;
      now += decision.retry_after;
    }
    const Wide due = Wide{nanoseconds_of(now)} * limits.rate.count() / limits.rate.per();
    ASSERT_GE(Wide{admitted}, due) << "seed " << seed;
    ASSERT_LE(Wide{admitted}, due + limits.burst + 1) << "seed " << seed;
  }
}

TEST(TokenBucket, TellsTheFirstInstantAtWhichItAdmits) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "token bucket retry"};
    const Case limits = draw_case(random);
    TokenBucket bucket{limits.rate, limits.burst, Instant{}};
    for (const Arrival& arrival :
         random_trace(random, {.permit = limits.rate.time_for(1).whole + Duration{1}})) {
      const Decision decision = bucket.admit(arrival.at);
      if (!decision.admitted) {
        ASSERT_TRUE(bucket.peek(arrival.at + decision.retry_after).admitted) << "seed " << seed;
        ASSERT_FALSE(bucket.peek(arrival.at + decision.retry_after - Duration{1}).admitted)
            << "seed " << seed;
      }
    }
  }
}

TEST(TokenBucket, MintsNothingWhenTheClockGoesBack) {
  TokenBucket bucket{Rate::per_second(10), 2, at(seconds{100})};
  EXPECT_TRUE(bucket.admit(at(seconds{100}), 2).admitted);

  EXPECT_FALSE(bucket.admit(at(seconds{50})).admitted);
  // A hundred seconds pass on the clock, but none since the latest time seen.
  EXPECT_FALSE(bucket.admit(at(seconds{100})).admitted);
  EXPECT_TRUE(bucket.admit(at(seconds{100} + milliseconds{100})).admitted);
}

TEST(TokenBucket, RefusesForeverWhatIsLargerThanItsBurst) {
  TokenBucket bucket{Rate::per_second(10), 5, Instant{}};
  EXPECT_EQ(bucket.admit(Instant{}, 6), Decision::refuse(kNever));
  EXPECT_TRUE(bucket.admit(Instant{}, 5).admitted);
}

TEST(TokenBucket, FillsUpAfterALongIdleTimeWithoutOverflow) {
  TokenBucket bucket{Rate::per_second(1'000'000'000), 4'000'000'000, Instant{}};
  EXPECT_TRUE(bucket.admit(Instant{}, 4'000'000'000).admitted);
  EXPECT_EQ(bucket.available(Instant::max()), 4'000'000'000U);
}

TEST(TokenBucket, ReconfiguringKeepsWhatIsThereUpToTheNewBurst) {
  TokenBucket bucket{Rate::per_second(10), 10, Instant{}};
  EXPECT_TRUE(bucket.admit(Instant{}, 4).admitted);

  bucket.reconfigure(Instant{}, Rate{7, seconds{3}}, 20);
  EXPECT_EQ(bucket.available(Instant{}), 6U);
  bucket.reconfigure(Instant{}, Rate::per_second(3), 5);
  EXPECT_EQ(bucket.available(Instant{}), 5U);
  EXPECT_EQ(bucket.available(at(seconds{10})), 5U);
}

TEST(TokenBucket, RefusesRatesThatAreNone) {
  EXPECT_THROW((Rate{0, seconds{1}}), ProgrammingError);
  EXPECT_THROW((Rate{1, Duration::zero()}), ProgrammingError);
  EXPECT_THROW((TokenBucket{Rate::per_second(1), 0, Instant{}}), ProgrammingError);
}

TEST(PriorityReserve, GivesCriticalRequestsAtLeastABucketOfTheirOwn) {
  std::int64_t more = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomStream random{seed, "priority reserve"};
    const Rate rate = Rate::per_second(static_cast<std::int64_t>(1 + random.below(50)));
    const auto reserved = static_cast<std::uint32_t>(1 + random.below(8));
    PriorityReserve limiter{rate, reserved + 5, reserved, Instant{}};
    TokenBucket alone{rate, reserved, Instant{}};
    std::int64_t lead = 0;
    for (const Arrival& arrival : random_trace(random, {.permit = rate.time_for(1).whole})) {
      if (random.below(4) == 0) {
        lead += limiter.admit(arrival.at, 1, Priority::critical).admitted ? 1 : 0;
        lead -= alone.admit(arrival.at).admitted ? 1 : 0;
        ASSERT_GE(lead, 0) << "seed " << seed;
      } else {
        // Ordinary load, as much as there can be.
        while (limiter.admit(arrival.at, 1, Priority::ordinary).admitted) {
        }
      }
    }
    more += lead;
  }
  EXPECT_GT(more, 0);
}

TEST(PriorityReserve, LeavesTheReserveToCriticalRequests) {
  PriorityReserve limiter{Rate::per_second(1), 10, 2, Instant{}};
  std::uint32_t ordinary = 0;
  while (limiter.admit(Instant{}, 1, Priority::ordinary).admitted) {
    ++ordinary;
  }
  EXPECT_EQ(ordinary, 8U);
  EXPECT_TRUE(limiter.admit(Instant{}, 2, Priority::critical).admitted);
  EXPECT_FALSE(limiter.admit(Instant{}, 1, Priority::critical).admitted);
}

}  // namespace
}  // namespace windtunnel::limit
