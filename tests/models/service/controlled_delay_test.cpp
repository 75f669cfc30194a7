#include "models/service/controlled_delay.hpp"

#include <cmath>
#include <deque>
#include <optional>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::service {
namespace {

using namespace std::chrono_literals;

/// Sections 5.3 to 5.6 of RFC 8289 for a queue of requests, with the RFC's own structure: a deque
/// routine that loops over a dodeque routine.
class RfcQueue {
 public:
  void push(Instant now) { waiting_.push_back(now); }
  [[nodiscard]] bool empty() const { return waiting_.empty(); }

  /// The arrival of the request that is served; absent where none is left. Counts what it drops.
  std::optional<Instant> deque(Instant now) {
    auto [request, ok_to_drop] = dodeque(now);
    if (dropping_) {
      if (!ok_to_drop) {
        dropping_ = false;
      }
      while (now >= drop_next_ && dropping_) {
        ++drops;
        ++count_;
        std::tie(request, ok_to_drop) = dodeque(now);
        if (!ok_to_drop) {
          dropping_ = false;
        } else {
          drop_next_ = control_law(drop_next_);
        }
      }
    } else if (ok_to_drop) {
      ++drops;
      std::tie(request, ok_to_drop) = dodeque(now);
      dropping_ = true;
      const std::uint32_t delta = count_ - last_count_;
      count_ = 1;
      if (delta > 1 && now - drop_next_ < 16 * 100ms) {
        count_ = delta;
      }
      drop_next_ = control_law(now);
      last_count_ = count_;
    }
    return request;
  }

  std::uint64_t drops = 0;

 private:
  std::pair<std::optional<Instant>, bool> dodeque(Instant now) {
    if (waiting_.empty()) {
      first_above_.reset();
      return {std::nullopt, false};
    }
    const Instant request = waiting_.front();
    waiting_.pop_front();
    bool ok_to_drop = false;
    if (now - request < 5ms || waiting_.empty()) {
      first_above_.reset();
    } else if (!first_above_) {
      first_above_ = now + 100ms;
    } else if (now >= *first_above_) {
      ok_to_drop = true;
    }
    return {request, ok_to_drop};
  }
  [[nodiscard]] Instant control_law(Instant from) const {
    return from + Duration{std::llround(1e8 / std::sqrt(static_cast<double>(count_)))};
  }

  std::deque<Instant> waiting_;
  std::optional<Instant> first_above_;
  Instant drop_next_{};
  std::uint32_t count_ = 0;
  std::uint32_t last_count_ = 0;
  bool dropping_ = false;
};

/// The same queue with the controller under test deciding request by request.
class ControlledQueue {
 public:
  void push(Instant now) { waiting_.push_back(now); }

  std::optional<Instant> deque(Instant now) {
    while (!waiting_.empty()) {
      const Instant request = waiting_.front();
      waiting_.pop_front();
      if (!control.sheds({now, now - request, !waiting_.empty(), {}})) {
        return request;
      }
      ++drops;
    }
    control.queue_emptied();
    return std::nullopt;
  }

  Codel control;
  std::uint64_t drops = 0;

 private:
  std::deque<Instant> waiting_;
};

TEST(Codel, ShedsWhatTheRoutinesOfRfc8289Shed) {
  std::uint64_t drops = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream random{seed, "codel"};
    RfcQueue expected;
    ControlledQueue actual;
    Instant now{1s};
    std::uint64_t arrive_of_10 = 5;
    for (int step = 0; step < 20'000; ++step) {
      if (step % 1'000 == 0) {
        arrive_of_10 = 3 + random.below(5);
      }
      now += random.uniform(1us, 2ms);
      if (random.below(10) < arrive_of_10) {
        expected.push(now);
        actual.push(now);
      } else {
        ASSERT_EQ(expected.deque(now), actual.deque(now)) << "seed " << seed << " step " << step;
      }
      ASSERT_EQ(expected.drops, actual.drops) << "seed " << seed << " step " << step;
    }
    drops += expected.drops;
  }
  EXPECT_GT(drops, 10'000U);
}

TEST(Codel, ShedsAtIntervalsThatShrinkWithTheSquareRootOfTheirNumber) {
  Codel control;
  std::vector<Duration> sheds;
  for (Duration t{}; t < 1s; t += 10us) {
    if (control.sheds({Instant{t}, 50ms, true, {}})) {
      sheds.push_back(t);
    }
  }
  // The first after an interval above target; then 100/sqrt(1), 100/sqrt(2), ... ms.
  ASSERT_GE(sheds.size(), 5U);
  const std::vector<Duration> expected = {100ms, 200ms, 270'710us, 328'450us, 378'450us};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(sheds[i].count()), static_cast<double>(expected[i].count()),
                20'000)
        << i;
  }
}

TEST(Codel, NeverShedsTheLastRequest) {
  Codel control;
  for (Duration t{}; t < 10s; t += 1ms) {
    EXPECT_FALSE(control.sheds({Instant{t}, 1s, false, {}}));
  }
}

TEST(FollyCodel, DecidesAsFollysOwnTestExpects) {
  // The delays and verdicts of folly/executors/test/CodelTest.cpp (2017 to 2024); its object is
  // made at 1 s here.
  FollyCodel basic;
  EXPECT_FALSE(basic.sheds(Instant{1110ms}, 100ms));
  EXPECT_FALSE(basic.sheds(Instant{1200ms}, 50ms));
  EXPECT_TRUE(basic.sheds(Instant{1200ms}, 50ms));
  EXPECT_FALSE(basic.sheds(Instant{1310ms}, 2ms));
  EXPECT_TRUE(basic.sheds(Instant{1400ms}, 20ms));

  FollyCodel medium;
  EXPECT_FALSE(medium.sheds(Instant{1s}, 20ms));
  EXPECT_FALSE(medium.sheds(Instant{1090ms}, 8ms));
  EXPECT_LT(medium.load_percent(), 100U);

  FollyCodel reducing;
  EXPECT_FALSE(reducing.sheds(Instant{1s}, 20ms));
  EXPECT_FALSE(reducing.sheds(Instant{1090ms}, 4ms));
}

TEST(FollyCodel, ReportsLoadAsFollysOwnTestExpects) {
  for (const auto& [delay, load] : std::vector<std::pair<Duration, std::uint32_t>>{
           {40ms, 100}, {10ms, 100}, {7ms, 70}, {2ms, 20}}) {
    FollyCodel control;
    (void)control.sheds(Instant{1s}, delay);
    EXPECT_EQ(control.load_percent(), load);
  }
}

TEST(QueueTimeout, IsTheIntervalUntilTheQueueHasBeenFullForOne) {
  const QueueTimeout control;
  const auto wait_max = [&](Duration since_empty) {
    return control.wait_max({Instant{10s}, {}, true, Instant{10s - since_empty}});
  };
  EXPECT_EQ(wait_max(0ms), 100ms);
  EXPECT_EQ(wait_max(100ms), 100ms);
  EXPECT_EQ(wait_max(101ms), 5ms);
}

}  // namespace
}  // namespace windtunnel::service
