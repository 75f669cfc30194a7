#include "models/limit/gcra.hpp"

#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "models/limit/token_bucket.hpp"
#include "tests/models/limit/trace.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

RC_GTEST_PROP(Gcra, DecidesAsATokenBucketDoes, ()) {
  const auto count = *rc::gen::inRange<std::int64_t>(1, 2'000);
  const auto per = *rc::gen::element<Duration>(milliseconds{1}, seconds{1}, Duration{999'999'937});
  const auto burst = *rc::gen::inRange<std::uint32_t>(1, 30);
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const Rate rate{count, per};
  RandomStream random{seed, "gcra"};
  const TraceOptions options{.permit = rate.time_for(1).whole + Duration{1},
                             .n_max = 1 + burst / 3,
                             .clock_may_go_back = true};

  Gcra gcra{rate, burst, Instant{}};
  TokenBucket bucket{rate, burst, Instant{}};
  for (const Arrival& arrival : random_trace(random, options)) {
    RC_ASSERT(gcra.peek(arrival.at, arrival.n) == bucket.peek(arrival.at, arrival.n));
    RC_ASSERT(gcra.admit(arrival.at, arrival.n) == bucket.admit(arrival.at, arrival.n));
    RC_ASSERT(gcra.is_fresh(arrival.at) == bucket.is_fresh(arrival.at));
  }
}

TEST(Gcra, AgreesWithATokenBucketOverAMillionRequests) {
  // Thirds of a nanosecond would add up to an error where times are rounded.
  const Rate rate{3, Duration{10'000'000}};
  Gcra gcra{rate, 4, Instant{}};
  TokenBucket bucket{rate, 4, Instant{}};
  RandomStream random{7, "gcra drift"};
  Instant now{};
  std::uint64_t admitted = 0;
  for (int request = 0; request < 1'000'000; ++request) {
    now += random.uniform(Duration::zero(), Duration{5'000'000});
    const Decision decision = gcra.admit(now);
    ASSERT_EQ(decision, bucket.admit(now)) << "request " << request;
    admitted += decision.admitted ? 1 : 0;
  }
  const auto due = static_cast<std::uint64_t>(nanoseconds_of(now) * 3 / 10'000'000);
  EXPECT_GT(admitted, due * 9 / 10);
  EXPECT_LE(admitted, due + 4 + 1);
}

TEST(Gcra, SpacesRequestsByTheIncrementOnceTheBurstIsUsed) {
  // I.371: T = 100 ms, τ = (3 − 1) T.
  Gcra gcra{Rate::per_second(10), 3, Instant{}};
  std::string decisions;
  for (const int milliseconds_since_start : {0, 0, 0, 0, 99, 100, 150, 200, 500, 500, 500, 500}) {
    const bool admitted = gcra.admit(Instant{milliseconds{milliseconds_since_start}}).admitted;
    decisions += admitted ? '+' : '-';
  }
  EXPECT_EQ(decisions, "+++--+-++++-");
}

}  // namespace
}  // namespace windtunnel::limit
