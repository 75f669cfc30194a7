#include "runtime/timer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/strand.hpp>
#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel {
namespace {

using namespace std::chrono_literals;
using namespace asio::experimental::awaitable_operators;
using sim::Answer;
using sim::Ask;
using sim::Bundle;
using sim::SmallWorld;

TEST(Timer, CompletesAtItsDeadlineAndAtOnceForAPastOne) {
  SmallWorld world;
  std::vector<Duration> times;
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, [](Host& at, SmallWorld& in, std::vector<Duration>& log) -> asio::awaitable<void> {
      Timer timer{at};
      timer.expires_after(5ms);
      co_await timer.async_wait(asio::deferred);
      log.push_back(in.now());
      timer.expires_at(Instant{1ms});
      co_await timer.async_wait(asio::deferred);
      log.push_back(in.now());
    }(host, world, times));
  });
  world.run_for(1s);
  EXPECT_EQ(times, (std::vector<Duration>{5ms, 5ms}));
}

TEST(Timer, AbortsAPendingWaitWhenCancelledMovedOrDestroyed) {
  SmallWorld world;
  world.start(0);
  std::vector<error_code> errors;
  const auto note = [&](error_code error) { errors.push_back(error); };
  {
    Timer timer{world.host(0)};
    timer.expires_after(5ms);
    timer.async_wait(note);
    timer.cancel();
    EXPECT_TRUE(errors.empty());  // Whoever cancels is not re-entered.
    world.run_for(0s);
    EXPECT_EQ(errors.size(), 1U);
    timer.async_wait(note);
    timer.expires_after(7ms);
    timer.async_wait(note);
  }
  world.run_for(1s);
  EXPECT_EQ(errors, std::vector<error_code>(3, error_code{asio::error::operation_aborted}));
}

TEST(Timer, SetToNeverStaysSilent) {
  SmallWorld world;
  world.start(0);
  world.run_for(1s);
  int fired = 0;
  Timer timer{world.host(0)};
  timer.expires_after(Duration::max());
  timer.async_wait([&](error_code) { ++fired; });
  world.run_for(24h);
  EXPECT_EQ(fired, 0);
}

asio::awaitable<void> race(Host& host, SmallWorld& world, std::vector<Duration>& log) {
  const auto winner = co_await (sleep_for(host, 30ms) || sleep_for(host, 10ms));
  log.push_back(winner.index() == 1 ? world.now() : -1s);
}

TEST(Cancellation, OfTheSlowerBranchEndsItAtOnce) {
  SmallWorld world;
  std::vector<Duration> log;
  world.start(0, [&](Host& host, Bundle&) { spawn(host, race(host, world, log)); });
  world.run_for(1s);
  EXPECT_EQ(log, std::vector<Duration>{10ms});
}

asio::awaitable<void> call_with_patience(Host& host, SmallWorld& world,
                                         std::vector<Duration>& log) {
  const auto result = co_await (host.messages().async_call<Answer>(
                                    HostId{1}, Ask{1}, 1h, asio::as_tuple(asio::use_awaitable)) ||
                                sleep_for(host, 20ms));
  log.push_back(result.index() == 1 ? world.now() : -1s);
}

TEST(Cancellation, EndsACallThatATimerOvertakes) {
  SmallWorld world;
  std::vector<Duration> log;
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {}));
  });
  world.start(0, [&](Host& host, Bundle&) { spawn(host, call_with_patience(host, world, log)); });
  world.run_for(1s);
  EXPECT_EQ(log, std::vector<Duration>{20ms});
  EXPECT_TRUE(world.host(0).pending().empty());
}

TEST(Timeout, RunsOnceAtTheLastDeadlineSet) {
  SmallWorld world;
  std::vector<Duration> times;
  world.start(0);
  Timeout timeout{world.host(0), [&] { times.push_back(world.now()); }};
  timeout.expires_after(5ms);
  for (int i = 0; i < 10; ++i) {
    world.run_for(4ms);
    timeout.expires_after(5ms);
  }
  world.run_for(1s);
  EXPECT_EQ(times, std::vector<Duration>{45ms});
}

TEST(Timeout, MayBeBroughtForwardCancelledAndRearmedInItsHandler) {
  SmallWorld world;
  std::vector<Duration> times;
  world.start(0);
  Timeout* self = nullptr;
  Timeout timeout{world.host(0), [&] {
                    times.push_back(world.now());
                    if (times.size() < 3) {
                      self->expires_after(10ms);
                    }
                  }};
  self = &timeout;
  timeout.expires_after(1h);
  timeout.expires_after(10ms);
  Timeout cancelled{world.host(0), [&] { times.push_back(-1s); }};
  cancelled.expires_after(15ms);
  cancelled.cancel();
  world.run_for(2h);
  EXPECT_EQ(times, (std::vector<Duration>{10ms, 20ms, 30ms}));
}

TEST(CompletionOn, RunsAHandlerBoundToAStrandOnThatStrand) {
  SmallWorld world;
  world.start(0);
  auto strand = asio::make_strand(world.host(0).executor());
  std::vector<bool> on_strand;
  Timer timer{world.host(0)};
  timer.expires_after(1ms);
  timer.async_wait(asio::bind_executor(strand, [&](error_code error) {
    on_strand.push_back(!error && strand.running_in_this_thread());
  }));
  world.run_for(1s);
  EXPECT_EQ(on_strand, std::vector<bool>{true});
}

TEST(Completion, RunsOnceAndIsEmptyWhileItRuns) {
  Completion<void(int)> completion;
  int sum = 0;
  completion = Completion<void(int)>{[&](int value) {
    EXPECT_FALSE(static_cast<bool>(completion));
    sum += value;
  }};
  completion(3);
  EXPECT_EQ(sum, 3);
  EXPECT_THROW(completion(3), ProgrammingError);
}

TEST(Completion, DestroysAHandlerThatNeverRanSmallOrLarge) {
  const auto witness = std::make_shared<int>();
  {
    const Completion<void()> small{[witness] { (void)witness; }};
    const Completion<void()> large{[witness, room = std::array<char, 200>{}] { (void)room; }};
    EXPECT_EQ(witness.use_count(), 3);
  }
  EXPECT_EQ(witness.use_count(), 1);
}

TEST(InstantAfter, StopsAtTheLastInstant) {
  EXPECT_EQ(instant_after(Instant{5ms}, 2ms), Instant{7ms});
  EXPECT_EQ(instant_after(Instant{5ms}, -2ms), Instant{3ms});
  EXPECT_EQ(instant_after(Instant{5ms}, Duration::max()), Instant::max());
  EXPECT_EQ(instant_after(Instant{-5ms}, Duration::max()), Instant{Duration::max() - 5ms});
}

}  // namespace
}  // namespace windtunnel
