#include "models/limit/keyed_limiter.hpp"

#include <algorithm>
#include <list>
#include <string>

#include <gtest/gtest.h>

#include "models/limit/nginx_limit_req.hpp"
#include "models/limit/token_bucket.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::seconds;

KeyedLimiter<TokenBucket> keyed_buckets(std::uint32_t keys_max) {
  return {{.keys_max = keys_max}, [](Instant now) {
            return TokenBucket{Rate::per_second(1), 2, now};
          }};
}

TEST(KeyedLimiter, LimitsEachKeyByItself) {
  auto limiter = keyed_buckets(10);
  EXPECT_TRUE(limiter.admit(Instant{}, "a", 2U).admitted);
  EXPECT_FALSE(limiter.admit(Instant{}, "a").admitted);
  EXPECT_TRUE(limiter.admit(Instant{}, "b").admitted);
}

TEST(KeyedLimiter, HoldsLimitersOfOtherShapes) {
  KeyedLimiter<NginxLimitReq> zone{
      {}, [](Instant) { return NginxLimitReq{{.rate_thousandths = 1'000, .burst = 1}}; }};
  EXPECT_TRUE(zone.admit(Instant{}, "127.0.0.1").admitted);
  EXPECT_EQ(zone.admit(Instant{}, "127.0.0.1").wait, seconds{1});
}

// The same keys as a list that is searched from the front: small tables make every insertion and
// erasure meet collisions.
TEST(KeyedLimiter, KeepsTheMostRecentlyUsedKeysAsAListDoes) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "keyed limiter"};
    const auto keys_max = static_cast<std::uint32_t>(1 + random.below(20));
    const std::uint64_t keys = 1 + random.below(60);
    KeyedLimiter<TokenBucket> limiter{{.keys_max = keys_max, .salt = seed}, [](Instant now) {
                                        return TokenBucket{Rate::per_second(1), 2, now};
                                      }};
    std::list<std::string> expected;
    for (int use = 0; use < 2'000; ++use) {
      const std::string key = "key-" + std::to_string(random.below(keys));
      const bool was_known = std::find(expected.begin(), expected.end(), key) != expected.end();
      ASSERT_EQ(limiter.contains(key), was_known) << "seed " << seed << " use " << use;
      expected.remove(key);
      expected.push_front(key);
      if (expected.size() > keys_max) {
        expected.pop_back();
      }
      (void)limiter.admit(Instant{}, key);
      ASSERT_EQ(limiter.size(), expected.size());
    }
    for (const std::string& key : expected) {
      EXPECT_TRUE(limiter.contains(key)) << "seed " << seed;
    }
  }
}

TEST(KeyedLimiter, TellsWhenForgettingAKeyGaveItsLimitAnew) {
  auto limiter = keyed_buckets(1);
  (void)limiter.admit(Instant{}, "a", 2U);
  // A second later "a" is still short of one token, three seconds later of none.
  (void)limiter.admit(Instant{seconds{1}}, "b", 1U);
  EXPECT_EQ(limiter.evicted(), 1U);
  EXPECT_EQ(limiter.forgotten(), 1U);
  (void)limiter.admit(Instant{seconds{4}}, "a", 1U);
  EXPECT_EQ(limiter.evicted(), 2U);
  EXPECT_EQ(limiter.forgotten(), 1U);
}

}  // namespace
}  // namespace windtunnel::limit
