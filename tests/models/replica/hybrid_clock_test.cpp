#include "models/replica/hybrid_clock.hpp"

#include <deque>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::replica {
namespace {

using namespace std::chrono_literals;

constexpr WallInstant wall(std::int64_t milliseconds) {
  return WallInstant{std::chrono::milliseconds{milliseconds}};
}

/// Hosts whose clocks differ by up to `skew` and send each other messages: every event with its
/// stamp, its host's wall clock, and its vector clock, which says what it knew.
struct Event {
  HybridTime stamp;
  WallInstant at;
  std::vector<std::uint64_t> vector;
};

bool happened_before(const Event& one, const Event& other) {
  bool is_less = false;
  for (std::size_t i = 0; i < one.vector.size(); ++i) {
    if (one.vector[i] > other.vector[i]) {
      return false;
    }
    is_less = is_less || one.vector[i] < other.vector[i];
  }
  return is_less;
}

std::vector<Event> random_history(std::uint64_t seed, Duration skew) {
  constexpr std::size_t kHosts = 4;
  RandomStream random{seed, "history"};
  std::vector<HybridClock> clocks(kHosts, HybridClock{skew * 2});
  std::vector<std::vector<std::uint64_t>> vectors(kHosts, std::vector<std::uint64_t>(kHosts));
  std::vector<Duration> offsets;
  for (std::size_t i = 0; i < kHosts; ++i) {
    offsets.push_back(random.uniform(-skew / 2, skew / 2));
  }
  std::vector<Event> events;
  std::deque<Event> under_way;
  Duration now = 10s;
  for (int i = 0; i < 300; ++i) {
    // Coarse, so that many events fall on one instant.
    now += random.below(3) == 0 ? 1ms : 0ms;
    const std::size_t host = random.below(kHosts);
    const WallInstant at{now + offsets[host]};
    std::vector<std::uint64_t>& vector = vectors[host];
    if (!under_way.empty() && random.below(2) == 0) {
      const std::size_t which = random.below(under_way.size());
      const Event message = under_way[which];
      under_way.erase(under_way.begin() + static_cast<std::ptrdiff_t>(which));
      const auto stamp = clocks[host].receive(at, message.stamp);
      EXPECT_TRUE(stamp) << "seed " << seed;
      for (std::size_t j = 0; j < kHosts; ++j) {
        vector[j] = std::max(vector[j], message.vector[j]);
      }
      ++vector[host];
      events.push_back({stamp.value_or(HybridTime{}), at, vector});
    } else {
      ++vector[host];
      events.push_back({clocks[host].stamp(at), at, vector});
      under_way.push_back(events.back());
    }
  }
  return events;
}

TEST(HybridClock, StampsWhatHappenedBeforeLower) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const std::vector<Event> events = random_history(seed, 20ms);
    for (const Event& one : events) {
      for (const Event& other : events) {
        if (happened_before(one, other)) {
          ASSERT_LT(one.stamp, other.stamp) << "seed " << seed;
        }
      }
    }
  }
}

// Corollary 2 of the paper: l - pt is at most what the clocks differ by.
TEST(HybridClock, StaysAsNearToTheWallClockAsTheClocksAreToEachOther) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    for (const Event& event : random_history(seed, 20ms)) {
      ASSERT_GE(event.stamp.wall, event.at) << "seed " << seed;
      ASSERT_LE(event.stamp.wall - event.at, 20ms) << "seed " << seed;
    }
  }
}

// Figure 5, by hand.
TEST(HybridClock, CountsWhereTheWallClockStandsStill) {
  HybridClock clock{1s};
  EXPECT_EQ(clock.stamp(wall(10)), (HybridTime{wall(10), 0}));
  EXPECT_EQ(clock.stamp(wall(10)), (HybridTime{wall(10), 1}));
  EXPECT_EQ(clock.receive(wall(10), {wall(10), 5}), (HybridTime{wall(10), 6}));
  EXPECT_EQ(clock.receive(wall(10), {wall(12), 3}), (HybridTime{wall(12), 4}));
  EXPECT_EQ(clock.receive(wall(11), {wall(11), 9}), (HybridTime{wall(12), 5}));
  EXPECT_EQ(clock.receive(wall(13), {wall(12), 9}), (HybridTime{wall(13), 0}));
}

TEST(HybridClock, GoesOnWhereTheWallClockIsSetBack) {
  HybridClock clock{1s};
  const HybridTime before = clock.stamp(wall(1000));
  EXPECT_LT(before, clock.stamp(wall(10)));
}

TEST(HybridClock, RefusesWhatIsTooFarAheadAndStaysAsItWas) {
  HybridClock clock{500ms};
  static_cast<void>(clock.stamp(wall(1000)));
  const HybridTime before = clock.latest();
  EXPECT_FALSE(clock.receive(wall(1000), {wall(1501), 0}));
  EXPECT_EQ(clock.latest(), before);
  EXPECT_TRUE(clock.receive(wall(1000), {wall(1500), 0}));
}

TEST(HybridClock, StampsAboveWhatItHadStampedBeforeARestart) {
  HybridClock clock{500ms};
  clock.restore({wall(1000), 7});
  EXPECT_LT((HybridTime{wall(1000), 7}), clock.stamp(wall(10)));
}

}  // namespace
}  // namespace windtunnel::replica
