#include "sim/simulated_host.hpp"

#include <algorithm>
#include <memory>
#include <string>

#include <boost/asio/as_tuple.hpp>
#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

/// Appends its letter to a log when destroyed.
class Tombstone {
 public:
  Tombstone(std::string& log, char letter) : log_(log), letter_(letter) {}
  Tombstone(const Tombstone&) = delete;
  Tombstone& operator=(const Tombstone&) = delete;
  ~Tombstone() { log_ += letter_; }

 private:
  std::string& log_;
  char letter_;
};

asio::awaitable<void> inner(Host& host, std::string& log) {
  const Tombstone tombstone{log, 'i'};
  co_await sleep_for(host, 1h);
  log += '!';
}

asio::awaitable<void> outer(Host& host, std::string& log) {
  const Tombstone tombstone{log, 'o'};
  co_await inner(host, log);
  log += '!';
}

TEST(Crash, DestroysWaitingCoroutinesInnerBeforeOuter) {
  std::string log;
  SmallWorld world;
  world.start(0, [&](Host& host, Bundle&) { spawn(host, outer(host, log)); });
  world.run_for(1s);
  EXPECT_EQ(log, "");
  world.host(0).crash();
  EXPECT_EQ(log, "io");
  EXPECT_TRUE(world.host(0).pending().empty());
  world.run_for(2h);
  EXPECT_EQ(log, "io");
}

TEST(Crash, DestroysCoroutinesBeforeTheProgram) {
  std::string log;
  SmallWorld world;
  world.start(0, [&](Host& host, Bundle& bundle) {
    bundle.kept.push_back(std::make_shared<Tombstone>(log, 'p'));
    spawn(host, outer(host, log));
  });
  world.run_for(1s);
  world.host(0).crash();
  EXPECT_EQ(log, "iop");
}

TEST(Crash, DestroysACoroutineThatHasNotRunYet) {
  std::string log;
  SmallWorld world;
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, [](std::string& to, std::unique_ptr<Tombstone>) -> asio::awaitable<void> {
      to += '!';
      co_return;
    }(log, std::make_unique<Tombstone>(log, 't')));
  });
  world.host(0).crash();
  world.run_for(1s);
  EXPECT_EQ(log, "t");
}

TEST(Crash, DestroysCoroutinesThatWaitForCallsDiskAndStreams) {
  std::string log;
  SmallWorld world;
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {}));
    bundle.kept.push_back(std::make_shared<Acceptor>(host.listen(Port{80})));
  });
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, [](Host& at, std::string& to) -> asio::awaitable<void> {
      const Tombstone tombstone{to, 'c'};
      (void)co_await at.messages().async_call<Answer>(HostId{1}, Ask{1}, 1h, asio::deferred);
    }(host, log));
    spawn(host, [](Host& at, std::string& to) -> asio::awaitable<void> {
      const Tombstone tombstone{to, 'd'};
      for (;;) {
        co_await at.disk().async_append("file", SharedBytes{"x"}, asio::deferred);
        co_await at.disk().async_sync("file", asio::deferred);
      }
    }(host, log));
    spawn(host, [](Host& at, std::string& to) -> asio::awaitable<void> {
      const Tombstone tombstone{to, 's'};
      ByteStream stream = co_await at.async_connect(HostId{1}, Port{80}, asio::deferred);
      char byte = 0;
      co_await stream.async_read_some(asio::buffer(&byte, 1), asio::deferred);
    }(host, log));
  });
  world.run_for(1s);
  ASSERT_EQ(log, "");
  world.host(0).crash();
  std::sort(log.begin(), log.end());
  EXPECT_EQ(log, "cds");
  world.run_for(2h);
}

TEST(Crash, LeavesNoAlarmThatFiresInTheNextLife) {
  SmallWorld world;
  std::vector<std::uint32_t> fired;
  world.start(0, [&](Host& host, Bundle& bundle) {
    const std::uint32_t life = static_cast<SimulatedHost&>(host).incarnation();
    auto timeout = std::make_shared<Timeout>(host, [&fired, life] { fired.push_back(life); });
    timeout->expires_after(10s);
    bundle.kept.push_back(timeout);
  });
  world.run_for(5s);
  world.host(0).crash();
  world.host(0).start();
  world.run_for(1h);
  EXPECT_EQ(fired, std::vector<std::uint32_t>{2});
}

TEST(Restart, BeginsFromTheDiskAlone) {
  SmallWorld world;
  std::vector<std::string> found;
  world.start(0, [&](Host& host, Bundle&) {
    spawn(host, [](Host& at, std::vector<std::string>& log) -> asio::awaitable<void> {
      const auto [error, bytes] =
          co_await at.disk().async_read("state", asio::as_tuple(asio::deferred));
      log.emplace_back(error ? "none" : bytes.view());
      co_await at.disk().async_append("state", SharedBytes{"x"}, asio::deferred);
    }(host, found));
  });
  for (int i = 0; i < 2; ++i) {
    world.run_for(1s);
    world.host(0).crash();
    world.host(0).start();
  }
  world.run_for(1s);
  EXPECT_EQ(found, (std::vector<std::string>{"none", "x", "xx"}));
}

TEST(Restart, DrawsOtherRandomNumbersThanTheLifeBefore) {
  SmallWorld world;
  std::vector<std::uint64_t> draws;
  world.start(0, [&](Host& host, Bundle&) {
    draws.push_back(host.random("election").next());
    draws.push_back(host.random("election").next());
  });
  world.host(0).crash();
  world.host(0).start();
  EXPECT_EQ(draws[0], draws[1]);
  EXPECT_NE(draws[0], draws[2]);
}

TEST(Pause, DefersMessagesTimersAndDiskInTheOrderTheyCame) {
  SmallWorld world;
  std::string log;
  world.start(1);
  world.start(0, [&](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().on<Note>([&log](HostId, Note&) { log += 'm'; }));
    auto timeout = std::make_shared<Timeout>(host, [&log] { log += 't'; });
    timeout->expires_after(20ms);
    bundle.kept.push_back(timeout);
    host.disk().append("file", "x",
                       Completion<void(error_code)>{[&log](error_code) { log += 'd'; }});
  });
  world.host(0).pause();
  world.at(30ms, [&] { world.send(1, 0, 1); });
  world.run_for(1s);
  EXPECT_EQ(log, "");
  EXPECT_EQ(world.host(0).now(), Instant{1s});
  world.host(0).resume();
  world.run_for(0s);
  EXPECT_EQ(log, "dtm");
}

TEST(Pause, KeepsTheOrderOfWhatArrivesAtTheInstantOfResumption) {
  SmallWorld world;
  Inbox inbox;
  world.start(1);
  world.start(0, inbox.filling(world));
  world.host(0).pause();
  world.send(1, 0, 1);
  world.at(10ms, [&] { world.host(0).resume(); });  // Before the arrival of the second.
  world.at(9ms, [&] { world.send(1, 0, 2); });
  world.run_for(1s);
  EXPECT_EQ(inbox.received, (std::vector<Inbox::Received>{{10ms, 1}, {10ms, 2}}));
}

TEST(Pause, IsHeldThroughASecondPauseBeforeAnythingRan) {
  SmallWorld world;
  Inbox inbox;
  world.start(1);
  world.start(0, inbox.filling(world));
  world.host(0).pause();
  world.send(1, 0, 1);
  world.send(1, 0, 2);
  world.run_for(1s);
  world.host(0).resume();
  world.host(0).pause();
  world.run_for(1s);
  EXPECT_TRUE(inbox.received.empty());
  world.host(0).resume();
  world.run_for(1s);
  EXPECT_EQ(inbox.numbers(), (std::vector<std::uint64_t>{1, 2}));
}

TEST(Pause, DropsADeferredDeadlineThatAnEarlierMessageCancels) {
  SmallWorld world;
  int expired = 0;
  world.start(1);
  world.start(0, [&](Host& host, Bundle& bundle) {
    auto timeout = std::make_shared<Timeout>(host, [&expired] { ++expired; });
    timeout->expires_after(20ms);
    bundle.subscriptions.push_back(
        host.messages().on<Note>([raw = timeout.get()](HostId, Note&) { raw->cancel(); }));
    bundle.kept.push_back(timeout);
  });
  world.send(1, 0, 1);
  world.host(0).pause();
  world.run_for(1s);
  world.host(0).resume();
  world.run_for(1s);
  EXPECT_EQ(expired, 0);
}

TEST(Pause, AnswersACallOnceThoughItsDeadlinePassedMeanwhile) {
  SmallWorld world;
  int completions = 0;
  error_code seen = asio::error::fault;
  world.start(1, answering());
  world.start(0);
  world.host(0).messages().async_call<Answer>(HostId{1}, Ask{1}, 50ms,
                                              [&](error_code error, const Answer&) {
                                                ++completions;
                                                seen = error;
                                              });
  world.host(0).pause();
  world.run_for(1s);
  world.host(0).resume();
  world.run_for(1s);
  EXPECT_EQ(completions, 1);
  EXPECT_EQ(seen, error_code{});
}

TEST(Pause, EndsWithACrash) {
  SmallWorld world;
  Inbox inbox;
  world.start(1);
  world.start(0, inbox.filling(world));
  world.host(0).pause();
  world.send(1, 0, 1);
  world.run_for(1s);
  world.host(0).crash();
  world.host(0).start();
  world.run_for(1s);
  EXPECT_TRUE(inbox.received.empty());
  EXPECT_FALSE(world.host(0).is_paused());
}

TEST(MessageCost, QueuesOnOneCoreAndSpreadsOverMore) {
  for (const std::uint32_t cores : {1U, 2U, 4U}) {
    SmallWorld world{{.host = {.cores = cores, .message_cost = 10ms}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    for (std::uint64_t i = 0; i < 8; ++i) {
      world.send(0, 1, i);
    }
    world.run_for(1s);
    ASSERT_EQ(inbox.received.size(), 8U);
    for (std::uint64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(inbox.received[i].at, 1ms + (i / cores + 1) * 10ms);
    }
  }
}

TEST(MessageCost, IsNotCarriedIntoTheNextLife) {
  SmallWorld world{{.host = {.message_cost = 1s}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  for (std::uint64_t i = 0; i < 100; ++i) {
    world.send(0, 1, i);
  }
  world.run_for(1500ms);
  EXPECT_EQ(inbox.received.size(), 1U);
  world.host(1).crash();
  world.host(1).start();
  world.run_for(100ms);
  world.send(0, 1, 100);
  world.run_for(1s + 1ms);
  EXPECT_EQ(inbox.numbers(), (std::vector<std::uint64_t>{0, 100}));
}

TEST(Clock, TimersFollowTheHostsOwnRate) {
  // 25 % fast: eight true seconds are ten of its own.
  SmallWorld world{{.host = {.clock = {.drift_ppb = 250'000'000}}}};
  Duration fired{};
  world.start(0, [&](Host& host, Bundle& bundle) {
    auto timeout = std::make_shared<Timeout>(host, [&] { fired = world.now(); });
    timeout->expires_after(10s);
    bundle.kept.push_back(timeout);
  });
  world.run_for(1min);
  EXPECT_EQ(fired, 8s);
}

TEST(Clock, ArmedTimersMoveWhenTheRateChanges) {
  SmallWorld world;
  Duration fired{};
  Instant local{};
  world.start(0, [&](Host& host, Bundle& bundle) {
    auto timeout = std::make_shared<Timeout>(host, [&] {
      fired = world.now();
      local = host.now();
    });
    timeout->expires_after(10s);
    bundle.kept.push_back(timeout);
  });
  world.run_for(5s);
  world.host(0).set_clock_drift(-500'000'000);
  world.run_for(1min);
  EXPECT_EQ(fired, 15s);
  EXPECT_EQ(local, Instant{10s});
}

TEST(Clock, StepsMoveTheWallAndNoTimer) {
  SmallWorld world;
  Duration fired{};
  world.start(0, [&](Host& host, Bundle& bundle) {
    auto timeout = std::make_shared<Timeout>(host, [&] { fired = world.now(); });
    timeout->expires_after(10s);
    bundle.kept.push_back(timeout);
  });
  const WallInstant before = world.host(0).wall_now();
  world.host(0).step_wall_clock(-1h);
  EXPECT_EQ(world.host(0).wall_now(), before - 1h);
  world.run_for(1min);
  EXPECT_EQ(fired, 10s);
}

TEST(SimulatedHost, CarriesNothingWhileItDoesNotRun) {
  SmallWorld world;
  Inbox inbox;
  world.start(0, inbox.filling(world));
  world.send(1, 0, 1);
  world.run_for(1s);
  EXPECT_TRUE(inbox.received.empty());
  EXPECT_THROW(world.host(0).start(), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel::sim
