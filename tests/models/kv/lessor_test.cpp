#include "models/kv/lessor.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::kv {
namespace {

using namespace std::chrono_literals;

Instant at(Duration since_zero) {
  return Instant{since_zero};
}

std::vector<LeaseId> expired_at(Lessor& lessor, Duration now) {
  std::vector<LeaseId> expired;
  lessor.collect_expired(at(now), expired);
  return expired;
}

TEST(Lessor, ExpiresNothingUnlessItIsPrimary) {
  Lessor lessor{{}};
  lessor.grant(at(0s), LeaseId{1}, 1s);
  EXPECT_TRUE(expired_at(lessor, 1h).empty());
  EXPECT_FALSE(lessor.renew(at(0s), at(0s), LeaseId{1}));
}

TEST(Lessor, CountsTheTimeFromTheArrivalOfTheKeepAlive) {
  Lessor lessor{{}};
  lessor.promote(at(0s), {});
  lessor.grant(at(0s), LeaseId{1}, 10s);
  // It arrived at 4 s and waited two for the proof of leadership.
  EXPECT_EQ(lessor.renew(at(4s), at(6s), LeaseId{1}), Duration{10s});
  EXPECT_TRUE(expired_at(lessor, 14s - 1ns).empty());
  EXPECT_EQ(expired_at(lessor, 14s), std::vector<LeaseId>{LeaseId{1}});
}

TEST(Lessor, RefusesToRenewWhatIsBeingRevokedAndAsksAgainAfterTheRetry) {
  Lessor lessor{{}};
  lessor.promote(at(0s), {});
  lessor.grant(at(0s), LeaseId{1}, 1s);
  ASSERT_EQ(expired_at(lessor, 1s).size(), 1U);
  EXPECT_FALSE(lessor.renew(at(1s), at(1s), LeaseId{1}));
  EXPECT_TRUE(expired_at(lessor, 3999ms).empty());
  EXPECT_EQ(expired_at(lessor, 4s).size(), 1U);
  lessor.remove(LeaseId{1});
  EXPECT_TRUE(expired_at(lessor, 1h).empty());
}

TEST(Lessor, GivesEveryLeaseItsFullTimeAndTheExtensionWhenPromoted) {
  LeaseTable leases;
  ASSERT_TRUE(leases.grant(LeaseId{1}, 5s));
  Lessor lessor{{.extension = 1s}};
  lessor.promote(at(100s), leases);
  EXPECT_TRUE(expired_at(lessor, 106s - 1ns).empty());
  EXPECT_EQ(expired_at(lessor, 106s).size(), 1U);
}

TEST(Lessor, RevokesNoMoreInASweepThanTheRateAllows) {
  Lessor lessor{{}};
  lessor.promote(at(0s), {});
  for (std::uint64_t id = 1; id <= 1200; ++id) {
    lessor.grant(at(0s), LeaseId{id}, 1s);
  }
  EXPECT_EQ(expired_at(lessor, 1s).size(), 500U);
  EXPECT_EQ(expired_at(lessor, 1500ms).size(), 500U);
  EXPECT_EQ(expired_at(lessor, 2s).size(), 200U);
}

// etcd's lessor_test.go (TestLessorRenewExtendPileup): with a rate of 10, thirty leases of ten
// seconds and fifty at one second more are spread so that no second sees more than the rate.
TEST(Lessor, SpreadsAPileUpToLessThanTheRateOfRevocations) {
  constexpr std::uint32_t kRate = 10;
  LeaseTable leases;
  std::uint64_t id = 0;
  for (std::uint32_t i = 0; i < kRate * 10; ++i) {
    ASSERT_TRUE(leases.grant(LeaseId{++id}, 10s));
    ASSERT_TRUE(leases.grant(LeaseId{++id}, 11s));
  }
  Lessor lessor{{.sweep = 1s, .revocations_per_second = kRate, .extension = 0s}};
  lessor.promote(at(0s), leases);
  std::map<std::int64_t, std::size_t> by_second;
  std::size_t total = 0;
  std::int64_t last = 0;
  for (std::int64_t second = 0; second < 120 && total < id; ++second) {
    const auto expired = expired_at(lessor, std::chrono::seconds{second});
    for (const LeaseId one : expired) {
      EXPECT_GE(second, one.value() % 2 == 1 ? 10 : 11) << "a lease must not be shortened";
      lessor.remove(one);
    }
    total += expired.size();
    by_second[second] = expired.size();
    last = second;
  }
  EXPECT_EQ(total, id);
  for (const auto& [second, count] : by_second) {
    EXPECT_LE(count, kRate) << "in second " << second;
  }
  // 200 leases at 7 each second (three quarters of 10): the last are due some 29 s after the first.
  EXPECT_GE(last, 10 + 20);
  EXPECT_LE(last, 10 + 32);
}

TEST(Lessor, NeverShortensALeaseAndEndsEveryUnrenewedOneWithinItsBound) {
  constexpr Duration kSweep = 500ms;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    RandomStream random{seed, "lessor_test"};
    LeaseTable table;
    std::map<LeaseId, Duration> promised;  // Until when each must live.
    Duration promoted{};
    Lessor lessor{{.sweep = kSweep, .extension = 1s}};
    lessor.promote(at(0s), table);
    Duration now{};
    for (int i = 0; i < 2000; ++i) {
      now += random.uniform(1ms, 100ms);
      const LeaseId id{1 + random.below(40)};
      const std::uint64_t choice = random.below(20);
      if (choice == 0 && !table.exists(id)) {
        const Duration ttl = std::chrono::seconds{1 + random.below(5)};
        ASSERT_TRUE(table.grant(id, ttl));
        lessor.grant(at(now), id, ttl);
        promised[id] = now + ttl;
      } else if (choice == 1 && random.below(10) == 0) {
        lessor.demote();
        lessor.promote(at(now), table);
        promoted = now;
      } else if (table.exists(id) && choice > 10) {
        if (const auto ttl = lessor.renew(at(now), at(now), id)) {
          promised[id] = now + *ttl;
        }
      }
      std::vector<LeaseId> expired;
      lessor.collect_expired(at(now), expired);
      for (const LeaseId one : expired) {
        ASSERT_GE(now, promised.at(one)) << "seed " << seed;
        const auto lease = table.revoke(one);
        ASSERT_TRUE(lease) << "seed " << seed;
        const Duration bound =
            std::max(promised.at(one), promoted + lease->ttl + Duration{1s}) + 100ms;
        ASSERT_LE(now, bound) << "seed " << seed;
        lessor.remove(one);
        promised.erase(one);
      }
    }
  }
}

TEST(SelfPreservation, KeepsEverythingWhileTooFewRenewalsComeAndNotBeyondItsBound) {
  LessorOptions options;
  options.preservation = SelfPreservationOptions{.renewal_interval = 10s, .lasts_max = 5min};
  Lessor lessor{options};
  lessor.promote(at(0s), {});
  for (std::uint64_t id = 1; id <= 100; ++id) {
    lessor.grant(at(0s), LeaseId{id}, 30s);
  }
  // All renew for two minutes; then the network is cut between most of them and the registry.
  Duration now{};
  const auto renew_below = [&](std::uint64_t alive) {
    for (std::uint64_t id = 1; id <= alive; ++id) {
      static_cast<void>(lessor.renew(at(now), at(now), LeaseId{id}));
    }
  };
  for (; now < 120s; now += 10s) {
    renew_below(100);
    EXPECT_TRUE(expired_at(lessor, now).empty());
  }
  // The minute in which the cut falls is judged by the one before: what expires is let go, but no
  // more than 15 in a sweep.
  for (; now < 140s; now += 10s) {
    renew_below(40);
    EXPECT_TRUE(expired_at(lessor, now).empty());
  }
  std::size_t before_preserving = 0;
  for (; now < 180s; now += 10s) {
    renew_below(40);
    const std::size_t count = expired_at(lessor, now).size();
    EXPECT_LE(count, 15U);
    before_preserving += count;
  }
  EXPECT_GT(before_preserving, 0U);
  std::size_t preserved_for = 0;
  while (expired_at(lessor, now).empty() && now < 1000s) {
    renew_below(40);
    EXPECT_TRUE(lessor.is_preserving());
    now += 10s;
    ++preserved_for;
  }
  // Five minutes from when it was first asked.
  EXPECT_EQ(preserved_for, 30U);
}

TEST(SelfPreservation, LetsAFewDieThatDie) {
  SelfPreservation preservation{{.renewal_interval = 30s}, at(0s)};
  // 100 leases, 200 renewals a minute expected, 170 the threshold.
  const auto minute_of = [&](int minute, int renewals) {
    for (int i = 0; i < renewals; ++i) {
      preservation.renewed(at(std::chrono::minutes{minute} + std::chrono::milliseconds{i}));
    }
  };
  minute_of(0, 200);
  EXPECT_TRUE(preservation.may_expire(at(1min), 100));
  minute_of(1, 170);
  EXPECT_TRUE(preservation.may_expire(at(2min), 100));
  minute_of(2, 169);
  EXPECT_FALSE(preservation.may_expire(at(3min), 100));
  minute_of(3, 171);
  EXPECT_TRUE(preservation.may_expire(at(4min), 100));
  EXPECT_EQ(preservation.evictions_max(100), 15U);
  EXPECT_EQ(preservation.evictions_max(3), 1U);
}

}  // namespace
}  // namespace windtunnel::kv
