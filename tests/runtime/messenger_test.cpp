#include "runtime/messenger.hpp"

#include <gtest/gtest.h>

#include "runtime/timer.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel {
namespace {

using namespace std::chrono_literals;
using sim::Answer;
using sim::answering;
using sim::Ask;
using sim::Bundle;
using sim::Note;
using sim::SmallWorld;

struct Outcome {
  error_code error;
  std::uint64_t answer = 0;
  Duration at{};
};

class Calls : public ::testing::Test {
 protected:
  void call(Duration timeout = 10s, std::uint64_t number = 1) {
    world_.host(0).messages().async_call<Answer>(
        HostId{1}, Ask{number}, timeout, [this](error_code error, const Answer& answer) {
          outcomes_.push_back({error, answer.number, world_.now()});
        });
  }

  SmallWorld world_;
  std::vector<Outcome> outcomes_;
};

TEST_F(Calls, AreAnsweredAfterARoundTrip) {
  world_.start(0);
  world_.start(1, answering());
  call(10s, 41);
  world_.run_for(1min);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].error, error_code{});
  EXPECT_EQ(outcomes_[0].answer, 42U);
  EXPECT_EQ(outcomes_[0].at, 2ms);
}

TEST_F(Calls, AreRefusedWhereNobodyServesThem) {
  world_.start(0);
  world_.start(1);
  call();
  world_.run_for(1min);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].error, error_code{asio::error::connection_refused});
  EXPECT_EQ(world_.host(1).messages().unhandled(), 1U);
}

TEST_F(Calls, TimeOutAndIgnoreTheLateAnswer) {
  world_.start(0);
  world_.start(1, answering());
  call(1500us);
  world_.run_for(1700us);
  call(10s, 7);  // Takes the slot that the late answer names.
  world_.run_for(1min);
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[0].error, error_code{asio::error::timed_out});
  EXPECT_EQ(outcomes_[0].at, 1500us);
  EXPECT_EQ(outcomes_[1].answer, 8U);
  EXPECT_EQ(outcomes_[1].at, 3700us);
}

TEST_F(Calls, WithoutALimitWaitForAsLongAsItTakes) {
  world_.start(0);
  world_.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {}));
  });
  world_.run_for(1s);
  call(Duration::max());
  world_.run_for(24h);
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(Calls, FailTogetherWhenTheConnectionIsLostAndMayCallAgain) {
  world_.start(0);
  world_.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {}));
  });
  call();
  call();
  bool again = false;
  world_.host(0).messages().async_call<Answer>(HostId{1}, Ask{1}, 10s,
                                               [&](error_code, const Answer&) {
                                                 again = true;
                                                 call(5s);
                                               });
  world_.run_for(10ms);
  world_.host(1).crash();
  world_.run_for(2ms);
  ASSERT_GE(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[0].error, error_code{asio::error::connection_reset});
  EXPECT_EQ(outcomes_[1].error, error_code{asio::error::connection_reset});
  EXPECT_TRUE(again);
}

TEST_F(Calls, AnsweredWithAnotherTypeAreAnError) {
  world_.start(0);
  world_.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>(
        [&host](HostId, Ask&, const ReplyTo& to) { host.messages().reply(to, Note{}); }));
  });
  call();
  world_.run_for(1s);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].error, error_code{asio::error::invalid_argument});
}

TEST_F(Calls, RepliedToTwiceCompleteOnce) {
  world_.start(0);
  world_.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(
        host.messages().serve<Ask>([&host](HostId, Ask&, const ReplyTo& to) {
          host.messages().reply(to, Answer{1});
          host.messages().reply(to, Answer{2});
        }));
  });
  call();
  world_.run_for(1s);
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_[0].answer, 1U);
}

TEST(Subscription, MayEndInsideItsOwnHandler) {
  SmallWorld world;
  int handled = 0;
  Subscription once;
  world.start(0);
  world.start(1, [&](Host& host, Bundle&) {
    once = host.messages().on<Note>([&, witness = std::make_shared<int>(7)](HostId, Note&) {
      once = Subscription{};
      handled += *witness;
    });
  });
  world.send(0, 1, 1);
  world.send(0, 1, 2);
  world.run_for(1s);
  EXPECT_EQ(handled, 7);
  EXPECT_EQ(world.host(1).messages().unhandled(), 1U);
}

TEST(Subscription, MovesWhileItsHandlerRuns) {
  struct Seen {
    Subscription earlier;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
  };
  for (const bool is_small : {true, false}) {
    SmallWorld world;
    Seen seen;
    Subscription notes;
    world.start(0);
    world.start(1, [&](Host& host, Bundle&) {
      seen.earlier = host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {});
      const auto handle = [&seen](const Note& note) {
        seen.before += note.number;
        seen.earlier = Subscription{};
        seen.after += note.number;
      };
      notes = is_small
                  ? host.messages().on<Note>([handle](HostId, Note& note) { handle(note); })
                  : host.messages().on<Note>(
                        [handle, witness = std::make_shared<std::uint64_t>(1)](HostId, Note& note) {
                          handle(note);
                          note.number *= *witness;
                        });
    });
    world.send(0, 1, 3);
    world.send(0, 1, 4);
    world.run_for(1s);
    EXPECT_EQ(seen.before, 7U);
    EXPECT_EQ(seen.after, 7U);
  }
}

TEST(Subscription, IsTheOnlyOneOfItsType) {
  SmallWorld world;
  world.start(0);
  const Subscription first = world.host(0).messages().on<Note>([](HostId, Note&) {});
  EXPECT_THROW((void)world.host(0).messages().on<Note>([](HostId, Note&) {}), ProgrammingError);
}

}  // namespace
}  // namespace windtunnel
