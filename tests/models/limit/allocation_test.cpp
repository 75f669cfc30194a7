// Every limiter decides without allocating, once it is full where it keeps keys.
#include <array>
#include <string>

#include <gtest/gtest.h>

#include "models/limit/dry_run.hpp"
#include "models/limit/fixed_window.hpp"
#include "models/limit/gcra.hpp"
#include "models/limit/hierarchical_limiter.hpp"
#include "models/limit/keyed_limiter.hpp"
#include "models/limit/nginx_limit_req.hpp"
#include "models/limit/pacer.hpp"
#include "models/limit/priority_reserve.hpp"
#include "models/limit/quota_client.hpp"
#include "models/limit/sentinel_qps.hpp"
#include "models/limit/sentinel_throttling.hpp"
#include "models/limit/sentinel_warm_up.hpp"
#include "models/limit/sliding_counter.hpp"
#include "models/limit/sliding_log.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Allocations of ten thousand calls, one every 100 µs.
template <typename Admit>
std::uint64_t allocations_of(Admit admit) {
  const std::uint64_t before = counted_allocations();
  Instant now{};
  std::uint64_t admitted = 0;
  for (int request = 0; request < 10'000; ++request) {
    admitted += admit(now) ? 1U : 0U;
    now += std::chrono::microseconds{100};
  }
  EXPECT_GT(admitted, 0U);
  EXPECT_LT(admitted, 10'000U) << "both decisions are exercised";
  return counted_allocations() - before;
}

template <typename Limiter>
std::uint64_t allocations_of_limiter(Limiter limiter) {
  return allocations_of([&](Instant now) { return limiter.admit(now).admitted; });
}

TEST(Allocation, TheCounterCounts) {
  const std::uint64_t before = counted_allocations();
  const std::string text(100, 'x');
  EXPECT_GT(counted_allocations(), before) << text.size();
}

TEST(Allocation, NoLimiterAllocatesToDecide) {
  const Rate rate = Rate::per_second(1'000);
  EXPECT_EQ(allocations_of_limiter(TokenBucket{rate, 10, Instant{}}), 0U);
  EXPECT_EQ(allocations_of_limiter(Gcra{rate, 10, Instant{}}), 0U);
  EXPECT_EQ(allocations_of_limiter(Pacer{rate, milliseconds{5}, Instant{}}), 0U);
  EXPECT_EQ(allocations_of_limiter(FixedWindow{100, milliseconds{100}}), 0U);
  SlidingLog log{100, milliseconds{100}};
  EXPECT_EQ(allocations_of([&](Instant now) { return log.admit(now).admitted; }), 0U);
  EXPECT_EQ(allocations_of_limiter(SlidingCounter{100, milliseconds{100}}), 0U);
  EXPECT_EQ(allocations_of_limiter(NginxLimitReq{{.rate_thousandths = 1'000'000, .burst = 5}}), 0U);
  EXPECT_EQ(allocations_of_limiter(SentinelQps{1'000}), 0U);
  EXPECT_EQ(allocations_of_limiter(SentinelThrottling{{.count = 999}}), 0U);
  EXPECT_EQ(allocations_of_limiter(SentinelWarmUp{{}}), 0U);
}

TEST(Allocation, AFullKeyedLimiterEvictsWithoutAllocating) {
  KeyedLimiter<Gcra> limiter{{.keys_max = 64}, [](Instant now) {
                               return Gcra{Rate::per_second(5), 1, now};
                             }};
  std::array<std::string, 128> keys;
  for (std::size_t key = 0; key < keys.size(); ++key) {
    keys[key] = "tenant-" + std::to_string(key) + "-with-a-name-beyond-small-strings";
    (void)limiter.admit(Instant{}, keys[key]);
  }
  std::size_t next = 0;
  EXPECT_EQ(allocations_of([&](Instant now) {
              // Half of the uses hit a key that is there, half evict one.
              next = (next + 1) % (2 * keys.size());
              return limiter.admit(now, keys[next / 2]).admitted;
            }),
            0U);
  EXPECT_GT(limiter.evicted(), 1'000U);
}

TEST(Allocation, AHierarchyAndAQuotaClientDecideWithoutAllocating) {
  HierarchicalLimiter hierarchy;
  const LevelId tenant = hierarchy.add(std::nullopt, Rate::per_second(900), 10, Instant{});
  const LevelId method = hierarchy.add(tenant, Rate::per_second(1'000), 5, Instant{});
  EXPECT_EQ(
      allocations_of([&](Instant now) { return hierarchy.admit(now, method).decision.admitted; }),
      0U);

  QuotaClient client{{.safe_capacity = 1'000'000}, Instant{}};
  EXPECT_EQ(allocations_of([&](Instant now) {
              (void)client.poll(now);
              return client.admit(now).admitted;
            }),
            0U);
}

}  // namespace
}  // namespace windtunnel::limit
