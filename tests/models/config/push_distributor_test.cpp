#include "models/config/push_distributor.hpp"

#include <algorithm>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::config {
namespace {

using namespace std::chrono_literals;

Instant at(Duration since_zero) {
  return Instant{since_zero};
}

TEST(PushDistributor, WaitsForQuietAndNotLongerThanItsLongest) {
  PushDistributor distributor{{.debounce_quiet = 100ms, .debounce_max = 1s}};
  distributor.change(at(0ms), 1);
  distributor.change(at(90ms), 2);
  EXPECT_FALSE(distributor.advance(at(189ms)));
  EXPECT_EQ(distributor.advance(at(190ms)), 2U);
  // Changes that never pause.
  std::uint64_t revision = 2;
  for (Duration now = 2000ms; now < 3000ms; now += 50ms) {
    distributor.change(at(now), ++revision);
    EXPECT_FALSE(distributor.advance(at(now)));
  }
  EXPECT_EQ(distributor.next_deadline(), at(3s));
  EXPECT_EQ(distributor.advance(at(3s)), revision);
}

TEST(PushDistributor, SendsASubscriberThatIsBehindOnlyTheLastVersion) {
  PushDistributor distributor{{.debounce_quiet = 0ms, .concurrency_max = 1}};
  const SubscriberId first = distributor.subscribe(at(0s), 0);
  const SubscriberId second = distributor.subscribe(at(0s), 0);
  distributor.change(at(0s), 1);
  ASSERT_EQ(distributor.advance(at(0s)), 1U);
  const auto push = distributor.next(at(0s));
  ASSERT_TRUE(push);
  EXPECT_EQ(push->subscriber, first);
  EXPECT_FALSE(distributor.next(at(0s)));
  for (std::uint64_t revision = 2; revision <= 4; ++revision) {
    distributor.change(at(1s), revision);
    ASSERT_EQ(distributor.advance(at(1s)), revision);
  }
  EXPECT_TRUE(distributor.acknowledge(at(1s), first, push->nonce));
  const auto next = distributor.next(at(1s));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->subscriber, second);
  EXPECT_EQ(next->revision, 4U);
  EXPECT_EQ(distributor.counters().merged, 5U);  // 2 and 3 for the first, 2 to 4 for the second.
}

TEST(PushDistributor, DoesNotSendARefusedVersionAgainButTheNextOne) {
  PushDistributor distributor{{.debounce_quiet = 0ms}};
  const SubscriberId subscriber = distributor.subscribe(at(0s), 0);
  distributor.change(at(0s), 1);
  ASSERT_TRUE(distributor.advance(at(0s)));
  const auto push = distributor.next(at(0s));
  EXPECT_EQ(distributor.reject(at(0s), subscriber, push->nonce), 1U);
  EXPECT_FALSE(distributor.next(at(1h)));
  distributor.change(at(1h), 2);
  ASSERT_TRUE(distributor.advance(at(1h)));
  const auto next = distributor.next(at(1h));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->held, 0U);  // From the last good one.
  // An answer to the first push is stale by now.
  EXPECT_FALSE(distributor.acknowledge(at(1h), subscriber, push->nonce));
}

TEST(PushDistributor, SendsAgainWhatIsNotAnsweredAndForgetsTheSilent) {
  PushDistributor distributor{{.debounce_quiet = 0ms, .acknowledge_within = 5s, .attempts_max = 3}};
  const SubscriberId subscriber = distributor.subscribe(at(0s), 0);
  distributor.change(at(0s), 1);
  ASSERT_TRUE(distributor.advance(at(0s)));
  for (int attempt = 0; attempt < 3; ++attempt) {
    const Duration now = attempt * 5s;
    EXPECT_TRUE(distributor.next(at(now)));
    EXPECT_FALSE(distributor.next(at(now)));
    EXPECT_EQ(distributor.next_deadline(), at(now + 5s));
    EXPECT_FALSE(distributor.advance(at(now + 5s)));
  }
  EXPECT_EQ(distributor.take_forgotten(), std::vector<SubscriberId>{subscriber});
  EXPECT_EQ(distributor.under_way(), 0U);
}

/// Runs a fan-out to completion, each push taking what `takes` draws. Returns when the last of them
/// was acknowledged, having checked that no limit was passed on the way.
Duration fan_out(PushDistributor& distributor, std::size_t subscribers, std::uint32_t concurrency,
                 RandomStream& random, Duration longest, bool is_equal) {
  std::multimap<Duration, Push> under_way;
  std::map<SubscriberId, std::uint64_t> held;
  Duration now{};
  Duration last{};
  for (;;) {
    static_cast<void>(distributor.advance(at(now)));
    while (const auto push = distributor.next(at(now))) {
      EXPECT_GT(push->revision, held[push->subscriber]);
      const Duration takes = is_equal ? longest : random.uniform(1ns, longest);
      under_way.emplace(now + takes, *push);
    }
    EXPECT_LE(under_way.size(), concurrency);
    EXPECT_EQ(under_way.size(), distributor.under_way());
    if (under_way.empty()) {
      const auto deadline = distributor.next_deadline();
      if (!deadline) {
        break;
      }
      now = deadline->time_since_epoch();
      continue;
    }
    const auto [done_at, push] = *under_way.begin();
    under_way.erase(under_way.begin());
    now = last = done_at;
    const auto acknowledged = distributor.acknowledge(at(now), push.subscriber, push.nonce);
    EXPECT_TRUE(acknowledged);
    EXPECT_EQ(acknowledged->times.convergence(), now);
    held[push.subscriber] = push.revision;
  }
  EXPECT_EQ(held.size(), subscribers);
  for (const auto& [subscriber, revision] : held) {
    EXPECT_EQ(revision, distributor.revision());
  }
  return last;
}

TEST(PushDistributor, BringsTheLastChangeToAllWithinDebouncePlusCeilingOfNByCTimesT) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "push_distributor_test"};
    const std::size_t subscribers = 1 + random.below(300);
    const auto concurrency = static_cast<std::uint32_t>(1 + random.below(40));
    const Duration longest = random.uniform(1ms, 200ms);
    const bool is_equal = random.below(4) == 0;
    PushDistributor distributor{{.debounce_quiet = 100ms, .concurrency_max = concurrency}};
    for (std::size_t i = 0; i < subscribers; ++i) {
      static_cast<void>(distributor.subscribe(at(0s), 0));
    }
    distributor.change(at(0s), 1);
    const Duration took = fan_out(distributor, subscribers, concurrency, random, longest, is_equal);
    const auto rounds = static_cast<std::int64_t>((subscribers + concurrency - 1) / concurrency);
    const Duration bound = 100ms + rounds * longest;
    EXPECT_LE(took, bound) << "seed " << seed;
    if (is_equal) {
      EXPECT_EQ(took, bound) << "the bound is tight, seed " << seed;
    }
  }
}

TEST(PushDistributor, ConvergesForwardOnlyUnderChangesRefusalsSilenceAndLeaving) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    RandomStream random{seed, "push_distributor_chaos"};
    PushDistributor distributor{{.debounce_quiet = 50ms,
                                 .debounce_max = 300ms,
                                 .concurrency_max = 5,
                                 .acknowledge_within = 400ms}};
    std::map<SubscriberId, std::uint64_t> held;
    std::vector<Push> under_way;
    std::uint64_t revision = 0;
    Duration now{};
    for (int i = 0; i < 3000; ++i) {
      const bool is_healed = i > 2000;
      now += random.uniform(0ms, 20ms);
      const std::uint64_t choice = random.below(10);
      if (choice == 0 && !is_healed) {
        distributor.change(at(now), ++revision);
      } else if (choice == 1 && held.size() < 30 && !is_healed) {
        const std::uint64_t has = random.below(distributor.revision() + 1);
        const SubscriberId id = distributor.subscribe(at(now), has);
        ASSERT_TRUE(held.emplace(id, has).second);
      } else if (choice == 2 && !held.empty() && !is_healed && random.below(4) == 0) {
        distributor.unsubscribe(held.begin()->first);
        held.erase(held.begin());
      } else if (!under_way.empty()) {
        const std::size_t which = static_cast<std::size_t>(random.below(under_way.size()));
        const Push push = under_way[which];
        under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
        const std::uint64_t fate = is_healed ? 9 : random.below(10);
        if (fate < 2) {
          static_cast<void>(distributor.reject(at(now), push.subscriber, push.nonce));
        } else if (fate > 3 && distributor.acknowledge(at(now), push.subscriber, push.nonce)) {
          ASSERT_GT(push.revision, held.at(push.subscriber)) << "seed " << seed;
          held[push.subscriber] = push.revision;
        }
      }
      static_cast<void>(distributor.advance(at(now)));
      for (const SubscriberId forgotten : distributor.take_forgotten()) {
        ASSERT_EQ(held.erase(forgotten), 1U) << "seed " << seed;
      }
      while (const auto push = distributor.next(at(now))) {
        ASSERT_EQ(push->held, held.at(push->subscriber)) << "seed " << seed;
        under_way.push_back(*push);
      }
      ASSERT_LE(distributor.under_way(), 5U);
    }
    // Who refused the last version keeps what was good; a further one reaches everybody.
    distributor.change(at(now), ++revision);
    for (int i = 0; i < 3000; ++i) {
      now += 10ms;
      static_cast<void>(distributor.advance(at(now)));
      while (const auto push = distributor.next(at(now))) {
        ASSERT_TRUE(distributor.acknowledge(at(now), push->subscriber, push->nonce));
        held[push->subscriber] = push->revision;
      }
      for (const SubscriberId forgotten : distributor.take_forgotten()) {
        held.erase(forgotten);
      }
    }
    for (const auto& [subscriber, has] : held) {
      ASSERT_EQ(has, revision) << "seed " << seed;
      ASSERT_EQ(distributor.held_by(subscriber), revision);
    }
  }
}

}  // namespace
}  // namespace windtunnel::config
