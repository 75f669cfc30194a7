#include <cmath>

#include <gtest/gtest.h>

#include "sim/network.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

/// Calls `to` from `from` and notes what became of it, and when.
struct CallResult {
  std::optional<error_code> error;
  Duration at{};
  std::uint64_t answer = 0;
};

void call(SmallWorld& world, std::uint32_t from, std::uint32_t to, CallResult& result,
          Duration timeout = 1h) {
  world.host(from).messages().async_call<Answer>(
      HostId{to}, Ask{1}, timeout, [&world, &result](error_code error, const Answer& answer) {
        result = {error, world.now(), answer.number};
      });
}

TEST(Connection, RetransmitsWithADoublingTimeout) {
  // A block lifted between two retransmissions shows when the next one went out.
  const std::vector<std::pair<Duration, Duration>> lifted_and_received{
      {100ms, 201ms},   {201ms, 601ms},   {1300ms, 1401ms},
      {2900ms, 3001ms}, {6100ms, 6201ms}, {12500ms, 12601ms}};
  for (const auto& [lifted, received] : lifted_and_received) {
    SmallWorld world;
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    const ConditionId block = world.impose(0, 1, Block{});
    world.send(0, 1, 1);
    world.at(lifted, [&] { world->network().lift(block); });
    world.run_for(60s);
    EXPECT_EQ(inbox.times(), std::vector<Duration>{received});
  }
}

TEST(Connection, ResetsAfterSixRetransmissionsInVain) {
  SmallWorld world;
  world.start(0);
  world.start(1, answering());
  (void)world.impose(0, 1, Block{});
  CallResult result;
  call(world, 0, 1, result);
  world.run_for(60s);
  EXPECT_EQ(result.error, error_code{asio::error::connection_reset});
  EXPECT_EQ(result.at, 25'400ms);
  EXPECT_EQ(world->network().counters().retransmitted, 6U);
  EXPECT_EQ(world->network().counters().connections_reset, 1U);
}

TEST(Connection, DeliversWhatQueuedBehindALostSegmentInOrder) {
  SmallWorld world;
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  const ConditionId block = world.impose(0, 1, Block{});
  world.send(0, 1, 1);
  world.run_for(50ms);
  world->network().lift(block);
  world.send(0, 1, 2);
  world.send(0, 1, 3);
  world.run_for(1s);
  EXPECT_EQ(inbox.numbers(), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(inbox.times(), (std::vector<Duration>{201ms, 201ms, 201ms}));
}

TEST(Connection, LosesNothingToRandomLossAndKeepsOrder) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    SmallWorld world{
        {.zone_link = {.latency = Uniform{1ms, 9ms}, .loss = Probability::of_ratio(0.1)},
         .world = {.seed = seed}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 0; i < 300; ++i) {
      world.send(0, 1, i);
      expected.push_back(i);
      world.run_for(5ms);
    }
    world.run_for(60s);
    EXPECT_EQ(inbox.numbers(), expected) << "seed " << seed;
  }
}

TEST(Connection, RetransmitsEachLostSegmentOnceForEachLoss) {
  // With every third packet through, the expected number of tries is 1/(1-p) for each message.
  SmallWorld world{{.zone_link = {.latency = Constant{1ms}, .loss = Probability::of_ratio(0.5)},
                    .world = {.network = {.retransmissions_max = 40}}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  for (std::uint64_t i = 0; i < 2000; ++i) {
    world.send(0, 1, i);
    world.run_for(1h);
  }
  EXPECT_EQ(inbox.received.size(), 2000U);
  // Retries are geometric: mean 1, deviation sqrt(2).
  EXPECT_NEAR(static_cast<double>(world->network().counters().retransmitted), 2000,
              5 * std::sqrt(2.0 * 2000));
}

TEST(Connection, IsRejectedWithinARoundTrip) {
  SmallWorld world;
  world.start(0);
  world.start(1, answering());
  (void)world.impose(0, 1, Block{Block::Manner::reject});
  CallResult result;
  call(world, 0, 1, result);
  world.run_for(1s);
  EXPECT_EQ(result.error, error_code{asio::error::connection_reset});
  EXPECT_EQ(result.at, 2ms);
}

TEST(Connection, IsResetWhenThePeersProcessCrashes) {
  SmallWorld world;
  world.start(0);
  world.start(1, [](Host& host, Bundle& bundle) {
    bundle.subscriptions.push_back(host.messages().serve<Ask>([](HostId, Ask&, const ReplyTo&) {}));
  });
  CallResult result;
  call(world, 0, 1, result);
  world.at(10ms, [&] { world.host(1).crash(); });
  world.run_for(1s);
  EXPECT_EQ(result.error, error_code{asio::error::connection_reset});
  EXPECT_EQ(result.at, 11ms);
}

TEST(Connection, FallsSilentWhenThePeerLosesPower) {
  SmallWorld world;
  world.start(0);
  world.start(1, answering());
  world.run_for(1ms);
  world.host(1).lose_power();
  CallResult result;
  call(world, 0, 1, result, 5s);
  world.run_for(4s);
  EXPECT_FALSE(result.error.has_value());
  world.run_for(2s);
  EXPECT_EQ(result.error, error_code{asio::error::timed_out});
}

TEST(Connection, TimesOutWhenPowerIsLostUnderAMessageOnItsWay) {
  SmallWorld world;
  world.start(0);
  world.start(1, answering());
  CallResult result;
  call(world, 0, 1, result);
  world.at(500us, [&] { world.host(1).lose_power(); });
  world.run_for(60s);
  EXPECT_EQ(result.error, error_code{asio::error::connection_reset});
  EXPECT_EQ(result.at, 1ms + 25'400ms);
}

TEST(Connection, OfAnEarlierProcessIsResetBeforeANewOneOpens) {
  SmallWorld world;
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  world.send(0, 1, 1);
  world.run_for(10ms);
  world.host(1).lose_power();
  world.host(1).start();
  world.send(0, 1, 2);  // Goes out on the old connection, which the new kernel knows nothing of.
  world.send(0, 1, 3);  // Sent before the sender heard of it: lost as well.
  world.run_for(10ms);
  world.send(0, 1, 4);
  world.run_for(10ms);
  EXPECT_EQ(inbox.numbers(), (std::vector<std::uint64_t>{1, 4}));
  EXPECT_EQ(world->network().counters().connections_reset, 1U);
}

TEST(Connection, WhoseResetWasBlockedIsResetAtTheNextMessage) {
  SmallWorld world;
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  world.send(0, 1, 1);
  world.run_for(10ms);
  const ConditionId block = world.impose(1, 0, Block{});
  world.host(1).crash();
  world.host(1).start();
  world->network().lift(block);
  CallResult result;
  call(world, 0, 1, result);
  world.run_for(1s);
  EXPECT_EQ(result.error, error_code{asio::error::connection_reset});
}

TEST(Connection, AbandonedForgetsItsQueueAndStartsAfresh) {
  SmallWorld world;
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  const ConditionId block = world.impose(0, 1, Block{});
  world.send(0, 1, 1);
  world.run_for(10s);  // The next retransmission is due at 12.6 s.
  world->network().lift(block);
  world.host(0).abandon_connection(HostId{1});
  world.send(0, 1, 2);
  world.run_for(10s);
  EXPECT_EQ(inbox.received, (std::vector<Inbox::Received>{{10'001ms, 2}}));
}

TEST(Connection, DeliversNoMessageMeantForAnEarlierProcess) {
  for (const Delivery delivery : {Delivery::stream, Delivery::datagram}) {
    SmallWorld world;
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    world.send(0, 1, 1, delivery);
    world.at(500us, [&] {
      world.host(1).crash();
      world.host(1).start();
    });
    world.run_for(1s);
    EXPECT_TRUE(inbox.received.empty());
  }
}

}  // namespace
}  // namespace windtunnel::sim
