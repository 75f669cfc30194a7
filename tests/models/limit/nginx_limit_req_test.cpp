#include "models/limit/nginx_limit_req.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/check.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::uint32_t admitted_of_burst(NginxLimitReq& limiter, Instant now, int requests) {
  std::uint32_t admitted = 0;
  for (int request = 0; request < requests; ++request) {
    admitted += limiter.admit(now).admitted ? 1U : 0U;
  }
  return admitted;
}

TEST(NginxLimitReq, PassesSixOfAnyBurstWithBurst5NoDelay) {
  // What nginx 1.22.1 itself answered: 200 six times, then 429.
  NginxLimitReq limiter{
      {.rate_thousandths = 1'000, .burst = 5, .delay = NginxLimitReqOptions::kNoDelay}};
  EXPECT_EQ(admitted_of_burst(limiter, Instant{seconds{1}}, 20), 6U);
  EXPECT_EQ(admitted_of_burst(limiter, Instant{seconds{3}}, 20), 2U);
}

TEST(NginxLimitReq, DelaysWhatExceedsTheRate) {
  NginxLimitReq limiter{{.rate_thousandths = 10'000, .burst = 3}};
  std::vector<Duration> waits;
  for (int request = 0; request < 4; ++request) {
    const Decision decision = limiter.admit(Instant{});
    ASSERT_TRUE(decision.admitted);
    waits.push_back(decision.wait);
  }
  EXPECT_EQ(waits, (std::vector<Duration>{Duration{}, milliseconds{100}, milliseconds{200},
                                          milliseconds{300}}));
  EXPECT_EQ(limiter.admit(Instant{}), Decision::refuse(milliseconds{100}));
}

TEST(NginxLimitReq, DelaysOnlyWhatExceedsTheDelayParameter) {
  // The documentation's two-stage example: rate=5r/s, burst=12 delay=8: eight at once, then four
  // spaced by the rate, then refusals.
  NginxLimitReq limiter{{.rate_thousandths = 5'000, .burst = 12, .delay = 8}};
  std::vector<Duration> waits;
  for (int request = 0; request < 13; ++request) {
    const Decision decision = limiter.admit(Instant{});
    ASSERT_TRUE(decision.admitted);
    waits.push_back(decision.wait);
  }
  EXPECT_EQ(waits[8], Duration::zero());
  EXPECT_EQ(waits[9], milliseconds{200});
  EXPECT_EQ(waits[12], milliseconds{800});
  EXPECT_FALSE(limiter.admit(Instant{}).admitted);
}

TEST(NginxLimitReq, TellsTheMillisecondAtWhichItAdmits) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "nginx retry"};
    NginxLimitReq limiter{{.rate_thousandths = static_cast<std::int64_t>(1 + random.below(50'000)),
                           .burst = static_cast<std::uint32_t>(random.below(5))}};
    Instant now{};
    for (int request = 0; request < 200; ++request) {
      now += milliseconds{static_cast<std::int64_t>(random.below(400))};
      const Decision decision = limiter.admit(now);
      if (!decision.admitted) {
        NginxLimitReq early = limiter;
        ASSERT_FALSE(early.admit(now + decision.retry_after - milliseconds{1}).admitted);
        NginxLimitReq ready = limiter;
        ASSERT_TRUE(ready.admit(now + decision.retry_after).admitted) << "seed " << seed;
      }
    }
  }
}

TEST(NginxLimitReq, CountsAMillisecondForAGreatStepBackOfTheClock) {
  NginxLimitReq limiter{{.rate_thousandths = 1'000'000, .burst = 1}};
  const Instant start{hours{1}};
  EXPECT_EQ(admitted_of_burst(limiter, start, 5), 2U);
  EXPECT_FALSE(limiter.admit(start - seconds{59}).admitted);
  // Further than a minute: the clock was set, and one millisecond at 1000 r/s is one request.
  EXPECT_TRUE(limiter.admit(start - seconds{61}).admitted);
  EXPECT_FALSE(limiter.admit(start - seconds{61}).admitted);
}

TEST(NginxLimitReq, StandsStillWhileTheClockIsBackByLessThanAMinute) {
  NginxLimitReq limiter{
      {.rate_thousandths = 1'000, .burst = 5, .delay = NginxLimitReqOptions::kNoDelay}};
  const Instant start{hours{1}};
  EXPECT_EQ(admitted_of_burst(limiter, start, 3), 3U);
  // Admitted at an earlier time, which must not be taken for the last one.
  EXPECT_EQ(admitted_of_burst(limiter, start - seconds{30}, 1), 1U);
  EXPECT_EQ(admitted_of_burst(limiter, start, 10), 2U);
}

TEST(NginxLimitReq, DrainsEverythingInALongTime) {
  NginxLimitReq limiter{{.rate_thousandths = 1'000'000'000'000, .burst = 4'000'000'000}};
  ASSERT_TRUE(limiter.admit(Instant{}).admitted);
  ASSERT_TRUE(limiter.admit(Instant{}).admitted);
  EXPECT_TRUE(limiter.admit(Instant::max()).admitted);
  EXPECT_EQ(limiter.excess(), 1'000);
  EXPECT_THROW((NginxLimitReq{{.rate_thousandths = 0}}), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel::limit
