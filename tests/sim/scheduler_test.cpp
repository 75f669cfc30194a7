#include "sim/scheduler.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::sim {
namespace {

constexpr TrueInstant at(std::int64_t nanoseconds) {
  return instant_at<TrueInstant>(nanoseconds);
}

std::vector<int> counted_up_to(int end) {
  std::vector<int> numbers(static_cast<std::size_t>(end));
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

/// A timeout whose handler is a lambda, for tests.
template <typename Handler>
TimeoutId timeout_calling(Scheduler& scheduler, Handler& handler) {
  return scheduler.create_timeout([](void* context) { (*static_cast<Handler*>(context))(); },
                                  &handler);
}

TEST(Scheduler, JumpsToTheNextEvent) {
  Scheduler scheduler;
  TrueInstant seen{};
  scheduler.schedule(at(5'000'000'000), [&] { seen = scheduler.now(); });
  EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(seen, at(5'000'000'000));
  EXPECT_FALSE(scheduler.run_one());
  EXPECT_EQ(scheduler.fired(), 1U);
}

TEST(Scheduler, RunsEqualInstantsInInsertionOrder) {
  for (const int count : {2, 63, 64, 901, 100'000}) {
    Scheduler scheduler;
    std::vector<int> order;
    scheduler.schedule(at(70), [&order] { order.push_back(-1); });
    for (int number = 0; number < count; ++number) {
      scheduler.schedule(at(7), [&order, number] { order.push_back(number); });
    }
    scheduler.run_until(at(69));
    EXPECT_EQ(order, counted_up_to(count));
  }
}

TEST(Scheduler, RunsWhatAHandlerSchedulesForNowAfterWhatAlreadyWaits) {
  Scheduler scheduler;
  std::vector<int> order;
  scheduler.schedule(at(7), [&] {
    for (int number = 2; number < 2000; ++number) {
      scheduler.schedule(scheduler.now(), [&order, number] { order.push_back(number); });
    }
    order.push_back(0);
  });
  scheduler.schedule(at(7), [&order] { order.push_back(1); });
  scheduler.schedule(at(8), [&order] { order.push_back(2000); });
  scheduler.run_until(at(8));
  EXPECT_EQ(order, counted_up_to(2001));
}

TEST(Scheduler, ReachesTheLastInstantThereIs) {
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  Scheduler scheduler;
  std::vector<std::int64_t> seen;
  for (const std::int64_t when :
       {kLast, kLast - 1, std::int64_t{1} << 60U, kLast, std::int64_t{0}}) {
    scheduler.schedule(at(when), [&] { seen.push_back(nanoseconds_of(scheduler.now())); });
  }
  scheduler.run_until(at(kLast));
  EXPECT_EQ(seen, (std::vector{std::int64_t{0}, std::int64_t{1} << 60U, kLast - 1, kLast, kLast}));
  scheduler.schedule(at(kLast), [&] { seen.push_back(1); });
  EXPECT_TRUE(scheduler.run_one());
  EXPECT_EQ(seen.back(), 1);
}

TEST(Scheduler, RefusesThePast) {
  Scheduler scheduler;
  scheduler.run_until(at(10));
  EXPECT_THROW(scheduler.schedule(at(9), [] {}), ProgrammingError);
  EXPECT_THROW(scheduler.run_until(at(9)), ProgrammingError);
  EXPECT_EQ(scheduler.pending(), 0U);
}

TEST(Scheduler, RunsUntilAnInstantInclusiveAndStaysThere) {
  Scheduler scheduler;
  int ran = 0;
  for (const int when : {9, 10, 11}) {
    scheduler.schedule(at(when), [&ran] { ++ran; });
  }
  scheduler.run_until(at(10));
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(scheduler.now(), at(10));
  EXPECT_EQ(scheduler.pending(), 1U);
}

TEST(Scheduler, StopsAfterTheEventThatSaysSo) {
  Scheduler scheduler;
  int ran = 0;
  for (const int when : {1, 2, 3}) {
    scheduler.schedule(at(when), [&] {
      if (++ran == 2) {
        scheduler.stop();
      }
    });
  }
  scheduler.run_until(at(100));
  EXPECT_EQ(ran, 2);
  EXPECT_EQ(scheduler.now(), at(2));
  scheduler.run_until(at(100));
  EXPECT_EQ(ran, 3);
  EXPECT_EQ(scheduler.now(), at(100));
}

TEST(Scheduler, TakesEventsBeforeOneItHasLookedAheadTo) {
  Scheduler scheduler;
  std::vector<int> order;
  static constexpr int kEvents = 3000;
  scheduler.schedule(at(3'600'000'000'000), [&order] { order.push_back(kEvents); });
  for (int number = kEvents - 1; number >= 0; --number) {
    scheduler.schedule(at(1000 + number), [&order, number] { order.push_back(number); });
    ASSERT_EQ(scheduler.next_at(), at(1000 + number));
  }
  while (scheduler.run_one()) {
  }
  EXPECT_EQ(order, counted_up_to(kEvents + 1));
}

TEST(Scheduler, ForgetsTheFutureOfAnEmptyQueue) {
  Scheduler scheduler;
  EXPECT_TRUE(scheduler.cancel(scheduler.schedule(at(3'600'000'000'000), [] {})));
  EXPECT_EQ(scheduler.next_at(), std::nullopt);
  scheduler.schedule(at(5), [] {});
  scheduler.schedule(at(3), [] {});
  EXPECT_EQ(scheduler.next_at(), at(3));
}

TEST(Scheduler, CancelDestroysTheCallableAtOnce) {
  Scheduler scheduler;
  const auto captured = std::make_shared<int>(1);
  const EventId event = scheduler.schedule(at(5), [captured] { ADD_FAILURE(); });
  EXPECT_EQ(captured.use_count(), 2);
  EXPECT_TRUE(scheduler.cancel(event));
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(scheduler.pending(), 0U);
  EXPECT_FALSE(scheduler.cancel(event));
  scheduler.run_until(at(10));
  EXPECT_EQ(scheduler.fired(), 0U);
}

TEST(Scheduler, CancelOfAnOldIdLeavesTheSlotsNextEventAlone) {
  Scheduler scheduler;
  const EventId old = scheduler.schedule(at(5), [] {});
  EXPECT_TRUE(scheduler.cancel(old));
  int ran = 0;
  EventId running{};
  running = scheduler.schedule(at(5), [&] {
    ++ran;
    EXPECT_FALSE(scheduler.cancel(running));
  });
  EXPECT_FALSE(scheduler.cancel(old));
  EXPECT_FALSE(scheduler.cancel(EventId{}));
  EXPECT_FALSE(scheduler.cancel(EventId{~std::uint64_t{0}}));
  scheduler.run_until(at(5));
  EXPECT_EQ(ran, 1);
}

TEST(Scheduler, ACallableMayCancelOthersFromItsDestructor) {
  struct CancelsOnDeath {
    CancelsOnDeath(Scheduler& scheduler, EventId event) : scheduler_(&scheduler), event_(event) {}
    CancelsOnDeath(CancelsOnDeath&& other) noexcept
        : scheduler_(std::exchange(other.scheduler_, nullptr)), event_(other.event_) {}
    ~CancelsOnDeath() {
      if (scheduler_ != nullptr) {
        scheduler_->cancel(event_);
      }
    }
    void operator()() const {}

   private:
    Scheduler* scheduler_;
    EventId event_;
  };
  const auto captured = std::make_shared<int>(1);
  {
    Scheduler scheduler;
    const EventId inner = scheduler.schedule(at(9), [captured] {});
    const EventId outer = scheduler.schedule(at(5), CancelsOnDeath{scheduler, inner});
    EXPECT_TRUE(scheduler.cancel(outer));
    EXPECT_EQ(scheduler.pending(), 0U);
    const EventId last = scheduler.schedule(at(9), [captured] {});
    scheduler.schedule(at(5), CancelsOnDeath{scheduler, last});
  }
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(Scheduler, ItsDestructorDestroysAllPendingCallables) {
  const auto captured = std::make_shared<int>(1);
  {
    Scheduler scheduler;
    for (int number = 0; number < 40'000; ++number) {
      scheduler.schedule(at(number % 7 * 1'000'000), [captured] {});
    }
    scheduler.run_until(at(2'000'000));
    EXPECT_EQ(captured.use_count(), 1 + static_cast<long>(scheduler.pending()));
  }
  EXPECT_EQ(captured.use_count(), 1);
}

TEST(Scheduler, TakesMoveOnlyCallablesOfFortyBytes) {
  Scheduler scheduler;
  int sum = 0;
  scheduler.schedule(at(1), [&sum, owned = std::make_unique<int>(5),
                             padding = std::array<int, 6>{1}] { sum += *owned + padding[0]; });
  scheduler.run_until(at(1));
  EXPECT_EQ(sum, 6);
}

TEST(Scheduler, StaysUsableAfterAnException) {
  Scheduler scheduler;
  int ran = 0;
  const auto captured = std::make_shared<int>(1);
  scheduler.schedule(at(1), [captured] { throw std::runtime_error("from a handler"); });
  scheduler.schedule(at(1), [&ran] { ++ran; });
  EXPECT_THROW(scheduler.run_until(at(5)), std::runtime_error);
  EXPECT_EQ(captured.use_count(), 1);
  EXPECT_EQ(scheduler.now(), at(1));
  EXPECT_EQ(scheduler.pending(), 1U);
  scheduler.run_until(at(5));
  EXPECT_EQ(ran, 1);
}

TEST(Scheduler, ReportsALivelockWithItsHosts) {
  Scheduler scheduler{{.events_per_instant_max = 1000}};
  struct Spinner {
    Scheduler* scheduler;
    std::uint32_t host;
    void operator()() const {
      scheduler->schedule(scheduler->now(), Spinner{scheduler, host ^ 1U}, host ^ 1U);
    }
  };
  scheduler.schedule(at(50), Spinner{&scheduler, 6}, 6);
  try {
    scheduler.run_until(at(100));
    FAIL() << "no livelock reported";
  } catch (const Livelock& livelock) {
    EXPECT_EQ(livelock.at(), at(50));
    EXPECT_EQ(livelock.events(), 1000U);
    EXPECT_EQ(livelock.hosts(), (std::vector<std::uint32_t>{7, 6, 7, 6, 7, 6, 7, 6}));
    EXPECT_NE(std::string{livelock.what()}.find("instant 50 ns"), std::string::npos);
  }
  EXPECT_EQ(scheduler.fired(), 1000U);
  EXPECT_EQ(scheduler.pending(), 1U);
}

TEST(Scheduler, AllowsAsManyEventsAtAnInstantAsTheLimitSays) {
  Scheduler scheduler{{.events_per_instant_max = 5}};
  for (int number = 0; number < 20; ++number) {
    scheduler.schedule(at(number / 5), [] {});
  }
  scheduler.run_until(at(4));
  EXPECT_EQ(scheduler.fired(), 20U);
  for (int number = 0; number < 5; ++number) {
    scheduler.schedule(at(4), [] {});
  }
  scheduler.run_until(at(4));
  EXPECT_EQ(scheduler.fired(), 25U);
}

TEST(Scheduler, KeepsItsMemoryUnderScheduleAndCancel) {
  Scheduler scheduler;
  scheduler.schedule(at(1'000'000'000'000), [] {});
  std::size_t bytes_early = 0;
  for (int number = 0; number < 1'000'000; ++number) {
    const EventId event = scheduler.schedule(at(500'000'000 + number * 1000), [] {});
    ASSERT_TRUE(scheduler.cancel(event));
    bytes_early = number == 20'000 ? scheduler.queue_bytes() : bytes_early;
  }
  EXPECT_EQ(scheduler.queue_bytes(), bytes_early);
  EXPECT_EQ(scheduler.pending(), 1U);
}

TEST(Scheduler, KeepsItsMemoryWhenATimeoutIsArmedEarlierAndEarlier) {
  Scheduler scheduler;
  auto handler = [] {};
  const TimeoutId timeout = timeout_calling(scheduler, handler);
  std::size_t bytes_early = 0;
  for (int number = 0; number < 1'000'000; ++number) {
    scheduler.arm(timeout, at(2'000'000'000 - number * 1000));
    bytes_early = number == 20'000 ? scheduler.queue_bytes() : bytes_early;
  }
  EXPECT_EQ(scheduler.queue_bytes(), bytes_early);
  scheduler.run_until(at(2'000'000'000));
  EXPECT_EQ(scheduler.fired(), 1U);
}

TEST(SchedulerTimeout, FiresOnceAtTheLastDeadline) {
  Scheduler scheduler;
  std::vector<std::int64_t> fired;
  auto handler = [&] { fired.push_back(nanoseconds_of(scheduler.now())); };
  const TimeoutId timeout = timeout_calling(scheduler, handler);
  for (const int deadline : {100, 50, 200, 150, 300}) {
    scheduler.arm(timeout, at(deadline));
    EXPECT_EQ(scheduler.pending(), 1U);
  }
  EXPECT_EQ(scheduler.next_at(), at(300));
  scheduler.run_until(at(1000));
  EXPECT_EQ(fired, std::vector<std::int64_t>{300});
  EXPECT_FALSE(scheduler.is_armed(timeout));
}

TEST(SchedulerTimeout, TakesItsPlaceAmongEqualInstantsFromTheLastArm) {
  Scheduler scheduler;
  std::string order;
  auto handler = [&order] { order += 't'; };
  const TimeoutId timeout = timeout_calling(scheduler, handler);
  for (const int first : {50, 100}) {
    order.clear();
    const TrueInstant start = scheduler.now();
    scheduler.arm(timeout, start + Duration{first});
    scheduler.schedule(start + Duration{100}, [&order] { order += 'a'; });
    scheduler.arm(timeout, start + Duration{100});
    scheduler.schedule(start + Duration{100}, [&order] { order += 'b'; });
    scheduler.run_until(start + Duration{100});
    EXPECT_EQ(order, "atb") << "first armed for " << first;
  }
}

TEST(SchedulerTimeout, DoesNotFireOnceDisarmed) {
  Scheduler scheduler;
  int fired = 0;
  auto handler = [&fired] { ++fired; };
  const TimeoutId timeout = timeout_calling(scheduler, handler);
  scheduler.arm(timeout, at(10));
  scheduler.disarm(timeout);
  EXPECT_EQ(scheduler.pending(), 0U);
  EXPECT_EQ(scheduler.next_at(), std::nullopt);
  scheduler.run_until(at(20));
  EXPECT_EQ(fired, 0);
  scheduler.arm(timeout, at(30));
  scheduler.run_until(at(30));
  EXPECT_EQ(fired, 1);
}

TEST(SchedulerTimeout, MayBeRearmedFromItsOwnHandler) {
  Scheduler scheduler;
  TimeoutId timeout{};
  int fired = 0;
  auto handler = [&] {
    if (++fired < 5) {
      scheduler.arm(timeout, scheduler.now() + Duration{fired == 2 ? 0 : 10});
    }
  };
  timeout = timeout_calling(scheduler, handler);
  scheduler.arm(timeout, at(10));
  scheduler.run_until(at(1000));
  EXPECT_EQ(fired, 5);
}

TEST(SchedulerTimeout, MayBeDestroyedFromItsOwnHandler) {
  Scheduler scheduler;
  TimeoutId timeout{};
  int fired = 0;
  auto handler = [&] {
    ++fired;
    scheduler.destroy(timeout);
    scheduler.schedule(scheduler.now(), [&fired] { ++fired; });
  };
  timeout = timeout_calling(scheduler, handler);
  scheduler.arm(timeout, at(10));
  scheduler.run_until(at(20));
  EXPECT_EQ(fired, 2);
  EXPECT_THROW(scheduler.arm(timeout, at(30)), ProgrammingError);
}

TEST(SchedulerTimeout, OfADestroyedIdIsNotTheSlotsNextTimeout) {
  Scheduler scheduler;
  auto handler = [] {};
  const TimeoutId first = timeout_calling(scheduler, handler);
  scheduler.arm(first, at(10));
  scheduler.destroy(first);
  const TimeoutId second = timeout_calling(scheduler, handler);
  EXPECT_NE(first, second);
  EXPECT_THROW(scheduler.disarm(first), ProgrammingError);
  scheduler.arm(second, at(20));
  scheduler.run_until(at(30));
  EXPECT_EQ(scheduler.fired(), 1U);
  EXPECT_FALSE(scheduler.cancel(EventId{first.value()}));
}

}  // namespace
}  // namespace windtunnel::sim
