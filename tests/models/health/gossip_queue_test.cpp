#include "models/health/gossip_queue.hpp"

#include <map>

#include <gtest/gtest.h>

namespace windtunnel::health {
namespace {

Rumor about(std::uint32_t member, Incarnation incarnation = 1) {
  return {.member = HostId{member}, .incarnation = incarnation};
}

TEST(GossipQueue, SendsEachRumorExactlyAsOftenAsTheLimit) {
  GossipQueue queue;
  for (std::uint32_t member = 0; member < 10; ++member) {
    queue.add(about(member));
  }
  std::map<HostId, int> times;
  while (!queue.is_empty()) {
    std::vector<Rumor> taken;
    queue.take(3, 4, taken);
    EXPECT_LE(taken.size(), 3U);
    for (const Rumor& rumor : taken) {
      ++times[rumor.member];
    }
  }
  EXPECT_EQ(times.size(), 10U);
  for (const auto& [member, count] : times) {
    EXPECT_EQ(count, 4) << member.value();
  }
}

TEST(GossipQueue, TheLeastSentGoFirstAndOfThoseTheNewest) {
  GossipQueue queue;
  queue.add(about(1));
  queue.add(about(2));
  std::vector<Rumor> taken;
  queue.take(1, 9, taken);
  queue.take(1, 9, taken);
  queue.add(about(3));
  queue.take(1, 9, taken);
  EXPECT_EQ(taken, (std::vector{about(2), about(1), about(3)}));
}

TEST(GossipQueue, NewsReplacesWhatWasQueuedAboutTheSameMember) {
  GossipQueue queue;
  queue.add(about(1, 1));
  queue.add(about(1, 2));
  std::vector<Rumor> taken;
  queue.take(9, 1, taken);
  EXPECT_EQ(taken, std::vector{about(1, 2)});
}

}  // namespace
}  // namespace windtunnel::health
