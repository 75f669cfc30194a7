// This program replaces the global operator new to count: in steady state the scheduler does not
// allocate.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "sim/scheduler.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::sim {
namespace {

/// Hosts that schedule, cancel, fire and move timeouts for ever, over increments of several scales.
class Churn {
 public:
  static constexpr std::uint32_t kHosts = 20'000;

  Churn() : timeouts_(kHosts), cancelled_(kHosts) {
    for (std::uint32_t host = 0; host < kHosts; ++host) {
      timeouts_[host] = scheduler_.create_timeout([](void*) {}, nullptr, host);
      step(host);
    }
  }

  void run(std::uint64_t events) {
    for (std::uint64_t event = 0; event < events; ++event) {
      scheduler_.run_one();
    }
  }

 private:
  void step(std::uint32_t host) {
    scheduler_.cancel(cancelled_[host]);
    cancelled_[host] = scheduler_.schedule(
        scheduler_.now() + increment(), [] {}, host);
    scheduler_.arm(timeouts_[host], scheduler_.now() + increment());
    scheduler_.schedule(
        scheduler_.now() + increment(), [this, host] { step(host); }, host);
  }

  Duration increment() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return Duration{
        static_cast<std::int64_t>((state_ >> 33U) % (std::uint64_t{1} << (state_ >> 59U)))};
  }

  Scheduler scheduler_;
  std::uint64_t state_ = 1;
  std::vector<TimeoutId> timeouts_;
  std::vector<EventId> cancelled_;
};

TEST(SchedulerAllocation, IsNoneInSteadyState) {
  Churn churn;
  churn.run(1'000'000);
  const std::uint64_t before = counted_allocations();
  churn.run(1'000'000);
  EXPECT_EQ(counted_allocations(), before);
}

TEST(SchedulerAllocation, IsNoneAfterReserve) {
  constexpr std::uint32_t kEvents = 100'000;
  Scheduler scheduler;
  scheduler.reserve(kEvents);
  std::uint64_t sum = 0;
  const std::uint64_t before = counted_allocations();
  for (std::uint64_t number = 0; number < kEvents; ++number) {
    const auto when = static_cast<std::int64_t>(number * 2654435761U % 1'000'000'007U);
    scheduler.schedule(instant_at<TrueInstant>(when), [&sum, number] { sum += number; });
  }
  scheduler.run_until(instant_at<TrueInstant>(1'000'000'007));
  EXPECT_EQ(counted_allocations(), before);
  EXPECT_EQ(sum, std::uint64_t{kEvents} * (kEvents - 1) / 2);
}

TEST(SchedulerAllocation, IsCountedByThisProgram) {
  const std::uint64_t before = counted_allocations();
  Scheduler scheduler;
  scheduler.schedule(instant_at<TrueInstant>(1), [] {});
  EXPECT_GT(counted_allocations(), before);
}

}  // namespace
}  // namespace windtunnel::sim
