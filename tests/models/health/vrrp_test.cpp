#include "models/health/vrrp.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::health {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kStart = instant_at<Instant>(0);

/// Routers on one segment. Frames take a fixed time; a direction can be cut.
class Lan {
 public:
  explicit Lan(const std::vector<VrrpOptions>& routers)
      : hears_(routers.size(), std::vector<bool>(routers.size(), true)) {
    for (const VrrpOptions& options : routers) {
      routers_.emplace_back(options);
    }
  }

  [[nodiscard]] VrrpRouter& router(std::size_t index) { return routers_[index]; }
  [[nodiscard]] Instant now() const { return now_; }
  /// Advertisements sent so far by a router.
  [[nodiscard]] int sent(std::size_t index) const {
    return static_cast<int>(std::count(senders_.begin(), senders_.end(), index));
  }

  void cut(std::size_t from, std::size_t to) { hears_[to][from] = false; }
  void mend(std::size_t from, std::size_t to) { hears_[to][from] = true; }

  void start(std::size_t index) {
    routers_[index].start(now_);
    flush(index);
  }
  void shutdown(std::size_t index) {
    routers_[index].shutdown(now_);
    flush(index);
  }
  /// It is gone without a word.
  void crash(std::size_t index) {
    routers_[index].shutdown(now_);
    static_cast<void>(routers_[index].take_advertisement());
  }

  void run_until(Instant end) {
    while (true) {
      const auto due = std::min_element(
          routers_.begin(), routers_.end(),
          [](const auto& a, const auto& b) { return a.next_deadline() < b.next_deadline(); });
      const Instant arrival = frames_.empty() ? Instant::max() : frames_.front().at;
      const Instant next = std::min(due->next_deadline(), arrival);
      if (next > end) {
        break;
      }
      now_ = next;
      if (arrival == next) {
        deliver();
      } else {
        due->on_deadline(now_);
        flush(static_cast<std::size_t>(due - routers_.begin()));
      }
    }
    now_ = end;
  }
  void run_for(Duration span) { run_until(now_ + span); }

  [[nodiscard]] std::vector<std::size_t> active() const {
    std::vector<std::size_t> found;
    for (std::size_t index = 0; index < routers_.size(); ++index) {
      if (routers_[index].state() == VrrpState::active) {
        found.push_back(index);
      }
    }
    return found;
  }

 private:
  struct Frame {
    Instant at;
    std::size_t from;
    VrrpAdvertisement advertisement;
  };

  void flush(std::size_t from) {
    if (const auto advertisement = routers_[from].take_advertisement()) {
      senders_.push_back(from);
      frames_.push_back({now_ + microseconds{100}, from, *advertisement});
    }
  }
  void deliver() {
    const Frame frame = frames_.front();
    frames_.erase(frames_.begin());
    for (std::size_t to = 0; to < routers_.size(); ++to) {
      if (to != frame.from && hears_[to][frame.from]) {
        routers_[to].step(now_, frame.advertisement);
        flush(to);
      }
    }
  }

  Instant now_ = kStart;
  std::vector<VrrpRouter> routers_;
  std::vector<std::vector<bool>> hears_;
  std::vector<Frame> frames_;
  std::vector<std::size_t> senders_;
};

VrrpOptions router_of(std::uint8_t priority, std::uint32_t address) {
  return {.priority = priority, .primary_address = address};
}

TEST(Vrrp, DownIntervalFollowsTheArithmeticOfBothVersions) {
  using enum VrrpVersion;
  // RFC 9568 §6.1: 3·interval + (256 − priority)/256·interval.
  EXPECT_EQ(vrrp_down_interval(v3, 100, 100), Duration{3'609'375'000});
  EXPECT_EQ(vrrp_down_interval(v3, 254, 100), Duration{3'007'812'500});
  EXPECT_EQ(vrrp_down_interval(v3, 1, 100), Duration{3'996'093'750});
  EXPECT_EQ(vrrp_down_interval(v3, 100, 10), Duration{360'937'500});
  EXPECT_EQ(vrrp_down_interval(v3, 100, 200), Duration{7'218'750'000});
  // RFC 3768 §6.1: the skew is a share of one second, however long the interval.
  EXPECT_EQ(vrrp_down_interval(v2, 100, 100), Duration{3'609'375'000});
  EXPECT_EQ(vrrp_down_interval(v2, 100, 200), Duration{6'609'375'000});
}

TEST(Vrrp, ABackupTakesOver3609MillisecondsAfterItsLastAdvertisement) {
  Lan lan({router_of(200, 1), router_of(100, 2)});
  lan.start(0);
  lan.start(1);
  lan.run_for(seconds{10});
  ASSERT_EQ(lan.active(), std::vector<std::size_t>{0});
  // The best router itself became active after its own down interval of 3.21875 s, so that it
  // advertised last at 9.21875 s.
  lan.crash(0);
  const Instant heard = kStart + Duration{9'218'750'000} + microseconds{100};
  lan.run_until(heard + Duration{3'609'375'000} - Duration{1});
  EXPECT_TRUE(lan.active().empty());
  lan.run_for(Duration{1});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{1});
}

TEST(Vrrp, AGoodbyeShortensTheWaitToTheSkew) {
  Lan lan({router_of(200, 1), router_of(100, 2)});
  lan.start(0);
  lan.start(1);
  lan.run_for(seconds{10});
  lan.shutdown(0);
  const Duration skew = vrrp_skew_time(VrrpVersion::v3, 100, 100);
  lan.run_for(microseconds{100} + skew - Duration{1});
  EXPECT_TRUE(lan.active().empty());
  lan.run_for(Duration{1});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{1});
  EXPECT_EQ(skew, Duration{609'375'000});
}

TEST(Vrrp, OfSeveralBackupsTheSkewLetsTheBestMoveFirst) {
  Lan lan({router_of(255, 1), router_of(99, 2), router_of(100, 3), router_of(98, 4)});
  for (std::size_t index = 0; index < 4; ++index) {
    lan.start(index);
  }
  lan.run_for(seconds{5});
  ASSERT_EQ(lan.active(), std::vector<std::size_t>{0});
  lan.crash(0);
  lan.run_for(seconds{20});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{2});
  // The others never moved: one priority's worth of skew is longer than a frame takes.
  EXPECT_EQ(lan.sent(1) + lan.sent(3), 0);
}

TEST(Vrrp, TheOwnerIsActiveAtOnceAndAlwaysPreempts) {
  VrrpOptions stubborn = router_of(254, 2);
  stubborn.preemption = VrrpPreemption::disabled;
  Lan lan({router_of(255, 1), stubborn});
  lan.start(1);
  lan.run_for(seconds{5});
  ASSERT_EQ(lan.active(), std::vector<std::size_t>{1});
  lan.start(0);
  EXPECT_EQ(lan.router(0).state(), VrrpState::active);
  lan.run_for(milliseconds{1});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{0});
}

TEST(Vrrp, PreemptionDecidesWhetherABetterRouterTakesOverALivingOne) {
  for (const auto preemption : {VrrpPreemption::allowed, VrrpPreemption::disabled}) {
    VrrpOptions better = router_of(200, 1);
    better.preemption = preemption;
    Lan lan({better, router_of(100, 2)});
    lan.start(1);
    lan.run_for(seconds{10});
    lan.start(0);
    lan.run_for(seconds{60});
    const std::size_t expected = preemption == VrrpPreemption::allowed ? 0 : 1;
    EXPECT_EQ(lan.active(), std::vector<std::size_t>{expected});
  }
}

TEST(Vrrp, EqualPrioritiesAreDecidedByTheGreaterAddress) {
  Lan lan({router_of(100, 7), router_of(100, 9)});
  lan.cut(0, 1);
  lan.cut(1, 0);
  lan.start(0);
  lan.start(1);
  lan.run_for(seconds{10});
  ASSERT_EQ(lan.active().size(), 2U);
  lan.mend(0, 1);
  lan.mend(1, 0);
  lan.run_for(seconds{2});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{1});
}

TEST(Vrrp, OneWayMulticastMakesTwoRoutersActiveForAsLongAsItLasts) {
  Lan lan({router_of(200, 1), router_of(100, 2)});
  lan.start(0);
  lan.start(1);
  lan.run_for(seconds{10});
  ASSERT_EQ(lan.active(), std::vector<std::size_t>{0});
  // The backup no longer hears the active router, which hears the backup and outranks it.
  lan.cut(0, 1);
  lan.run_for(seconds{600});
  EXPECT_EQ(lan.active(), (std::vector<std::size_t>{0, 1}));
  lan.mend(0, 1);
  lan.run_for(seconds{2});
  EXPECT_EQ(lan.active(), std::vector<std::size_t>{0});
}

TEST(Vrrp, ALosingAdvertisementIsAnsweredAtOnceInVersion3Only) {
  for (const auto version : {VrrpVersion::v2, VrrpVersion::v3}) {
    VrrpRouter active({.version = version, .priority = 200});
    active.start(kStart);
    active.on_deadline(active.next_deadline());
    ASSERT_EQ(active.state(), VrrpState::active);
    static_cast<void>(active.take_advertisement());
    const Instant deadline = active.next_deadline();
    active.step(kStart + seconds{4}, {.version = version, .priority = 100});
    EXPECT_EQ(active.take_advertisement().has_value(), version == VrrpVersion::v3);
    EXPECT_EQ(active.next_deadline(), deadline);
  }
}

TEST(Vrrp, Version3LearnsTheActiveRoutersIntervalAndVersion2DiscardsAnother) {
  VrrpRouter third({.version = VrrpVersion::v3, .priority = 100});
  third.start(kStart);
  third.step(kStart + seconds{1}, {.priority = 200, .interval_centiseconds = 300});
  EXPECT_EQ(third.active_interval_centiseconds(), 300);
  EXPECT_EQ(third.next_deadline(), kStart + seconds{1} + Duration{10'828'125'000});

  VrrpRouter second({.version = VrrpVersion::v2, .priority = 100});
  second.start(kStart);
  const Instant deadline = second.next_deadline();
  second.step(kStart + seconds{1},
              {.version = VrrpVersion::v2, .priority = 200, .interval_centiseconds = 300});
  EXPECT_EQ(second.next_deadline(), deadline);
}

TEST(Vrrp, AnotherVirtualRoutersAdvertisementsAreNobodysBusiness) {
  VrrpRouter backup({.virtual_router_id = 7, .priority = 100});
  backup.start(kStart);
  const Instant deadline = backup.next_deadline();
  backup.step(kStart + seconds{1}, {.virtual_router_id = 8, .priority = 200});
  EXPECT_EQ(backup.next_deadline(), deadline);
}

}  // namespace
}  // namespace windtunnel::health
