#include "models/kv/watch_hub.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/kv/store.hpp"
#include "runtime/random.hpp"
#include "tests/models/kv/commands.hpp"

namespace windtunnel::kv {
namespace {

/// One watch, and all that it must have been given by now according to a filter of everything that
/// ever happened.
struct Follower {
  WatchRange range;
  std::uint64_t began = 0;
  std::vector<std::pair<std::uint64_t, std::string>> taken;
  std::uint64_t through = 0;
  bool has_ended = false;
};

class WatchHubBySeed : public testing::TestWithParam<std::uint64_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, WatchHubBySeed, testing::Range<std::uint64_t>(1, 41));

TEST_P(WatchHubBySeed, GivesEveryWatchEachEventOnceInOrderOrSaysThatItCannot) {
  RandomStream random{GetParam(), "watch_hub_test"};
  Store store{{50 + random.below(200)}};
  WatchHub hub{store.history(), 40 + random.below(100)};
  std::vector<std::pair<std::uint64_t, std::string>> everything;
  std::map<WatchId, Follower> followers;
  std::uint64_t revision = 0;
  std::size_t ended = 0;

  const auto take = [&](WatchId id, Follower& follower) {
    std::vector<const Event*> events;
    const WatchProgress progress = hub.take(id, store.revision(), 1 + random.below(4), events);
    if (progress.ended) {
      follower.has_ended = true;
      ++ended;
      EXPECT_TRUE(events.empty());
      return;
    }
    EXPECT_EQ(progress.after, follower.through);
    for (const Event* event : events) {
      EXPECT_GT(event->revision, progress.after);
      EXPECT_LE(event->revision, progress.through);
      follower.taken.emplace_back(event->revision, event->key());
    }
    follower.through = progress.through;
  };

  for (int i = 0; i < 1500; ++i) {
    const std::uint64_t choice = random.below(10);
    if (choice < 5) {
      // Some revisions have several events, some none.
      const std::string key = std::string(1, static_cast<char>('a' + random.below(3))) +
                              std::to_string(random.below(5));
      const auto& leases = store.leases().all();
      const LeaseId lease = leases.empty() ? LeaseId{} : leases.begin()->first;
      const std::uint64_t before = store.history().end();
      const std::uint64_t kind = random.below(8);
      ++revision;
      if (kind == 0) {
        store.apply(revision, bytes_of(RevokeLease{lease, RevokeReason::asked}));
      } else if (kind == 1) {
        store.apply(revision, bytes_of(GrantLease{std::chrono::seconds{1}}));
      } else if (kind == 2) {
        store.apply(revision, bytes_of(Delete{key}));
      } else {
        store.apply(revision, bytes_of(Put{key, "v", lease}));
      }
      for (std::uint64_t n = before; n < store.history().end(); ++n) {
        everything.emplace_back(revision, store.history().at(n).key());
      }
      hub.observe();
    } else if (choice == 5 && followers.size() < 12) {
      const WatchMatch match = random.below(2) == 0 ? WatchMatch::key : WatchMatch::prefix;
      std::string key = std::string(1, static_cast<char>('a' + random.below(3)));
      key += match == WatchMatch::key ? std::to_string(random.below(5)) : "";
      if (random.below(8) == 0) {
        key.clear();
      }
      // From the past, the present, or a future that this node has not reached.
      const std::uint64_t after = random.below(revision + 5);
      const WatchId id = hub.create({key, match}, after);
      ASSERT_FALSE(followers.contains(id));
      followers[id] = {{key, match}, after, {}, after, false};
    } else if (choice == 6 && !followers.empty()) {
      const auto leaving =
          std::next(followers.begin(), static_cast<std::ptrdiff_t>(random.below(followers.size())));
      hub.cancel(leaving->first);
      followers.erase(leaving);
    } else if (choice == 7) {
      std::vector<WatchId> ready;
      hub.take_ready(ready);
      for (const WatchId id : ready) {
        ASSERT_TRUE(followers.contains(id));
        take(id, followers[id]);
      }
    } else if (!followers.empty()) {
      const auto chosen =
          std::next(followers.begin(), static_cast<std::ptrdiff_t>(random.below(followers.size())));
      take(chosen->first, chosen->second);
    }
    for (const auto& [id, follower] : followers) {
      if (follower.has_ended) {
        continue;
      }
      std::vector<std::pair<std::uint64_t, std::string>> expected;
      for (const auto& [at, key] : everything) {
        if (at > follower.began && at <= follower.through && follower.range.contains(key)) {
          expected.emplace_back(at, key);
        }
      }
      ASSERT_EQ(follower.taken, expected) << "watch of " << follower.range.key;
    }
  }
  EXPECT_EQ(hub.size(), followers.size());
  EXPECT_GT(ended, 0U) << "the seed never let a watch fall behind";
}

TEST(WatchHub, SaysThatAWatchFromBeforeTheHistoryIsCompacted) {
  Store store{{2}};
  WatchHub hub{store.history(), 100};
  for (std::uint64_t revision = 1; revision <= 5; ++revision) {
    store.apply(revision, bytes_of(Put{"key", "v", {}}));
  }
  EXPECT_EQ(store.history().compacted(), 3U);
  std::vector<const Event*> events;
  EXPECT_EQ(hub.take(hub.create({"", WatchMatch::prefix}, 2), 5, 10, events).ended,
            WatchEnd::compacted);
  const WatchProgress progress = hub.take(hub.create({"", WatchMatch::prefix}, 3), 5, 10, events);
  EXPECT_FALSE(progress.ended);
  EXPECT_EQ(events.size(), 2U);
}

TEST(WatchHub, SendsAWatchAwayThatLeavesTooMuchWaiting) {
  Store store;
  WatchHub hub{store.history(), 3};
  const WatchId slow = hub.create({"key", WatchMatch::key}, 0);
  for (std::uint64_t revision = 1; revision <= 4; ++revision) {
    store.apply(revision, bytes_of(Put{"key", "v", {}}));
    hub.observe();
  }
  std::vector<const Event*> events;
  EXPECT_EQ(hub.take(slow, 4, 10, events).ended, WatchEnd::too_slow);
}

}  // namespace
}  // namespace windtunnel::kv
