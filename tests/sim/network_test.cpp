#include "sim/network.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

TEST(Network, TakesTheLatencyOfTheDistance) {
  SmallWorld world{{.hosts = 4, .zones = {0, 0, 1, 2}}};
  Inbox inbox;
  for (const std::uint32_t host : {0U, 1U, 2U, 3U}) {
    world.start(host, inbox.filling(world));
  }
  for (const std::uint32_t to : {0U, 1U, 2U, 3U}) {
    world.send(0, to, to);
  }
  world.run_for(1s);
  const std::vector<Inbox::Received> expected{{10us, 0}, {1ms, 1}, {3ms, 2}, {50ms, 3}};
  EXPECT_EQ(inbox.received, expected);
}

TEST(Network, JitterFollowsTheLinksDistribution) {
  SmallWorld world{{.zone_link = {.latency = Exponential{2ms}}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  constexpr int kMessages = 20'000;
  std::vector<Duration> sent(kMessages);
  for (int i = 0; i < kMessages; ++i) {
    sent[static_cast<std::size_t>(i)] = world.now();
    world.send(0, 1, static_cast<std::uint64_t>(i), Delivery::datagram);
    world.run_for(1ms);
  }
  world.run_for(1s);
  std::vector<double> latencies;
  for (const auto& [at, number] : inbox.received) {
    latencies.push_back(static_cast<double>((at - sent[number]).count()));
  }
  ASSERT_EQ(latencies.size(), std::size_t{kMessages});
  std::sort(latencies.begin(), latencies.end());
  const double mean = std::accumulate(latencies.begin(), latencies.end(), 0.0) / double{kMessages};
  EXPECT_NEAR(mean, 2e6, 5 * 2e6 / std::sqrt(double{kMessages}));
  EXPECT_NEAR(latencies[kMessages / 2], 2e6 * std::log(2.0), 1e5);
}

TEST(Network, KeepsTheOrderOfAStreamUnderJitterButNotOfDatagrams) {
  for (const Delivery delivery : {Delivery::stream, Delivery::datagram}) {
    SmallWorld world{{.zone_link = {.latency = Uniform{1ms, 9ms}}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    for (std::uint64_t i = 0; i < 1000; ++i) {
      world.send(0, 1, i, delivery);
      world.run_for(100us);
    }
    world.run_for(1s);
    const auto numbers = inbox.numbers();
    ASSERT_EQ(numbers.size(), 1000U);
    EXPECT_EQ(std::is_sorted(numbers.begin(), numbers.end()), delivery == Delivery::stream);
  }
}

TEST(Network, LosesDuplicatesAndHoldsBackDatagramsInProportion) {
  SmallWorld world{{.zone_link = {.latency = Constant{1ms},
                                  .loss = Probability::of_ratio(0.1),
                                  .duplication = Probability::of_ratio(0.2),
                                  .reordering = Probability::of_ratio(0.3),
                                  .reordering_delay = 5ms}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  constexpr double kMessages = 20'000;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    world.send(0, 1, i, Delivery::datagram);
  }
  world.run_for(1s);
  const NetworkCounters& counters = world->network().counters();
  const auto within = [&](std::uint64_t count, double n, double p) {
    EXPECT_NEAR(static_cast<double>(count), n * p, 5 * std::sqrt(n * p * (1 - p)));
  };
  within(counters.lost, kMessages, 0.1);
  const double carried = kMessages - static_cast<double>(counters.lost);
  within(counters.duplicated, carried, 0.2);
  const auto held = std::count_if(inbox.received.begin(), inbox.received.end(),
                                  [](const auto& one) { return one.at == 6ms; });
  within(static_cast<std::uint64_t>(held), carried, 0.3);
  EXPECT_EQ(counters.delivered, counters.sent - counters.lost + counters.duplicated);
  EXPECT_EQ(inbox.received.size(), counters.delivered);
}

TEST(Network, QueuesBackToBackMessagesOnALimitedLink) {
  // A Note with a one-byte number is 21 bytes on the wire: 168 bits, at 1 Mbit/s 168 us each.
  SmallWorld world{{.zone_link = {.latency = Constant{1ms}, .bits_per_second = 1'000'000}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  for (std::uint64_t i = 0; i < 20; ++i) {
    world.send(0, 1, i);
  }
  world.run_for(1s);
  ASSERT_EQ(inbox.received.size(), 20U);
  for (std::uint64_t i = 0; i < 20; ++i) {
    EXPECT_EQ(inbox.received[i].at, 1ms + (i + 1) * 168us);
  }
}

TEST(Network, SharesALimitedLinkBetweenItsPairs) {
  SmallWorld world{
      {.hosts = 4, .zone_link = {.latency = Constant{1ms}, .bits_per_second = 1'000'000}}};
  Inbox inbox;
  for (const std::uint32_t host : {0U, 1U, 2U, 3U}) {
    world.start(host, inbox.filling(world));
  }
  world.send(0, 1, 1);
  world.send(2, 3, 2);
  world.run_for(1s);
  EXPECT_EQ(inbox.times(), (std::vector<Duration>{1ms + 168us, 1ms + 336us}));
}

TEST(Network, DrawsTheJitterOfAPairApartFromOtherTraffic) {
  const auto arrivals = [](bool with_other_traffic) {
    SmallWorld world{{.hosts = 3, .zone_link = {.latency = Uniform{1ms, 9ms}}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    world.start(2);
    for (std::uint64_t i = 0; i < 100; ++i) {
      if (with_other_traffic) {
        world.send(0, 2, i, Delivery::datagram);
        world.send(2, 0, i, Delivery::datagram);
      }
      world.send(0, 1, i, Delivery::datagram);
      world.run_for(1ms);
    }
    world.run_for(1s);
    return inbox.received;
  };
  EXPECT_EQ(arrivals(false), arrivals(true));
}

TEST(Network, EncodingEveryMessageChangesNoEvent) {
  const auto digest = [](bool encodes) {
    SmallWorld world{{.zone_link = {.latency = Uniform{1ms, 9ms}},
                      .world = {.network = {.encode_messages = encodes}}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    for (std::uint64_t i = 0; i < 100; ++i) {
      world.send(0, 1, i);
    }
    world.run_for(1s);
    EXPECT_EQ(inbox.received.size(), 100U);
    return world->digest().hex();
  };
  EXPECT_EQ(digest(false), digest(true));
}

TEST(Conditions, DelaysAdd) {
  SmallWorld world;
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  (void)world.impose(0, 1, AddedDelay{Constant{10ms}}, "one");
  (void)world.impose(0, 1, AddedDelay{Constant{5ms}}, "two");
  world.send(0, 1, 1);
  world.run_for(1s);
  EXPECT_EQ(inbox.times(), std::vector<Duration>{16ms});
}

TEST(Conditions, LossesMultiply) {
  SmallWorld world{{.zone_link = {.loss = Probability::of_ratio(0.5)}}};
  world.start(0);
  world.start(1);
  (void)world.impose(0, 1, AddedLoss{Probability::of_ratio(0.5)}, "one");
  (void)world.impose(0, 1, AddedLoss{Probability::of_ratio(0.5)}, "two");
  for (int i = 0; i < 20'000; ++i) {
    world.send(0, 1, 0, Delivery::datagram);
  }
  world.run_for(1s);
  const double delivered = static_cast<double>(world->network().counters().delivered);
  EXPECT_NEAR(delivered, 20'000 * 0.125, 5 * std::sqrt(20'000 * 0.125 * 0.875));
}

TEST(Conditions, ApplyToTheirDirectionOnlyAndUntilTheyAreLifted) {
  SmallWorld world;
  Inbox inbox;
  world.start(0, inbox.filling(world));
  world.start(1, inbox.filling(world));
  const ConditionId block = world.impose(0, 1, Block{});
  world.send(0, 1, 1, Delivery::datagram);
  world.send(1, 0, 2, Delivery::datagram);
  world.run_for(10ms);
  EXPECT_EQ(inbox.numbers(), std::vector<std::uint64_t>{2});
  world->network().lift(block);
  world.send(0, 1, 3, Delivery::datagram);
  world.run_for(10ms);
  EXPECT_EQ(inbox.numbers(), (std::vector<std::uint64_t>{2, 3}));
}

TEST(Conditions, BothWaysAppliesToTheOppositeDirectionToo) {
  SmallWorld world{{.hosts = 3}};
  Inbox inbox;
  for (const std::uint32_t host : {0U, 1U, 2U}) {
    world.start(host, inbox.filling(world));
  }
  (void)world->network().impose({.purpose = "both",
                                 .from = world.set({HostId{0}}),
                                 .to = world.set({HostId{1}}),
                                 .reach = Reach::both_ways,
                                 .effect = Block{}});
  world.send(0, 1, 1, Delivery::datagram);
  world.send(1, 0, 2, Delivery::datagram);
  world.send(0, 2, 3, Delivery::datagram);
  world.run_for(10ms);
  EXPECT_EQ(inbox.numbers(), std::vector<std::uint64_t>{3});
}

TEST(Conditions, CountWhatTheyTouchAndWhenFirst) {
  SmallWorld world{{.hosts = 3}};
  for (const std::uint32_t host : {0U, 1U, 2U}) {
    world.start(host);
  }
  const ConditionId delay = world.impose(0, 1, AddedDelay{Constant{1ms}}, "delay");
  const ConditionId idle = world.impose(2, 1, Block{}, "idle");
  world.run_for(5ms);
  world.send(0, 1, 1, Delivery::datagram);
  world.send(0, 2, 1, Delivery::datagram);
  world.run_for(5ms);
  world.send(0, 1, 1, Delivery::datagram);
  EXPECT_EQ(world->network().impact(delay).touched, 2U);
  EXPECT_EQ(world->network().impact(delay).first_touched_at, TrueInstant{5ms});
  EXPECT_EQ(world->network().impact(idle).touched, 0U);
  EXPECT_FALSE(world->network().impact(idle).first_touched_at.has_value());
}

TEST(Conditions, ComposeTheSameInEitherOrder) {
  const auto resets = [](bool drop_first) {
    SmallWorld world;
    world.start(0);
    world.start(1);
    const Effect drop = Block{Block::Manner::drop};
    const Effect reject = Block{Block::Manner::reject};
    (void)world.impose(0, 1, drop_first ? drop : reject, "one");
    (void)world.impose(0, 1, drop_first ? reject : drop, "two");
    world.send(0, 1, 1);
    world.run_for(100ms);
    return world->network().counters().connections_reset;
  };
  EXPECT_EQ(resets(true), resets(false));
}

TEST(Conditions, ElsewhereMoveNoDraw) {
  const auto arrivals = [](bool with_fault) {
    SmallWorld world{{.hosts = 3, .zone_link = {.latency = Uniform{1ms, 9ms}}}};
    Inbox inbox;
    world.start(0);
    world.start(1, inbox.filling(world));
    world.start(2);
    if (with_fault) {
      (void)world.impose(0, 2, AddedLoss{Probability::of_ratio(0.5)});
    }
    for (std::uint64_t i = 0; i < 100; ++i) {
      world.send(0, 2, i, Delivery::datagram);
      world.send(0, 1, i, Delivery::datagram);
    }
    world.run_for(1s);
    return inbox.received;
  };
  EXPECT_EQ(arrivals(false), arrivals(true));
}

TEST(Network, ReroutesAroundACutEdgeAndPartitionsWithoutAnyRoute) {
  SmallWorld world{{.hosts = 2, .zones = {0, 1}, .zone_regions = {"r1", "r1", "r1"}}};
  Inbox inbox;
  world.start(0);
  world.start(1, inbox.filling(world));
  Topology& topology = world->network().topology();
  const auto route = topology.route(HostId{0}, HostId{1});
  ASSERT_TRUE(route.has_value());
  const auto direct = std::find_if(route->begin(), route->end(), [&](EdgeId edge) {
    return topology.quality(edge).latency == DurationDistribution{Constant{3ms}};
  });
  ASSERT_NE(direct, route->end());
  topology.set_edge_up(*direct, false);
  world.send(0, 1, 1, Delivery::datagram);
  world.run_for(100ms);
  EXPECT_EQ(inbox.times(), std::vector<Duration>{6ms});
  topology.set_edge_up(route->back(), false);
  world.send(0, 1, 2, Delivery::datagram);
  world.run_for(100ms);
  EXPECT_EQ(inbox.received.size(), 1U);
  EXPECT_EQ(world->network().counters().lost, 1U);
}

}  // namespace
}  // namespace windtunnel::sim
