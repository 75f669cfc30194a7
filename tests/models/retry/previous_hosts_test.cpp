#include "models/retry/previous_hosts.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::retry {
namespace {

using balance::EndpointId;

TEST(PreviousHosts, KeepTheLastEightInOrder) {
  PreviousHosts previous;
  for (std::uint32_t id = 0; id < 10; ++id) {
    previous.add(EndpointId{id});
    previous.add(EndpointId{id});
  }
  ASSERT_EQ(previous.tried().size(), 8U);
  EXPECT_EQ(previous.tried().front(), EndpointId{2});
  EXPECT_EQ(previous.tried().back(), EndpointId{9});
  EXPECT_FALSE(previous.contains(EndpointId{1}));
}

// (k/n)^(r+1) with n = 5 equal hosts, k = 2 of them tried, r reselections.
TEST(PreviousHosts, AreHitAgainAsOftenAsTheReselectionsLeave) {
  PreviousHosts previous;
  previous.add(EndpointId{0});
  previous.add(EndpointId{3});
  RandomStream random{1, "test.previous"};
  constexpr int kCalls = 200'000;
  for (const std::uint32_t reselections : {0U, 1U, 3U}) {
    int hits = 0;
    for (int call = 0; call < kCalls; ++call) {
      const auto picked = pick_avoiding(previous, reselections, [&] {
        return std::optional{EndpointId{static_cast<std::uint32_t>(random.below(5))}};
      });
      hits += previous.contains(*picked) ? 1 : 0;
    }
    const double expected = std::pow(0.4, reselections + 1);
    EXPECT_NEAR(hits / static_cast<double>(kCalls), expected,
                5 * std::sqrt(expected * (1 - expected) / kCalls));
  }
}

TEST(PreviousHosts, AreTriedAgainRatherThanNobody) {
  PreviousHosts previous;
  previous.add(EndpointId{0});
  int picks = 0;
  const auto picked = pick_avoiding(previous, 3, [&] {
    ++picks;
    return std::optional{EndpointId{0}};
  });
  EXPECT_EQ(picked, EndpointId{0});
  EXPECT_EQ(picks, 4);
}

}  // namespace
}  // namespace windtunnel::retry
