#include "models/retry/deadline.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::retry {
namespace {

using std::chrono::milliseconds;

constexpr Instant at(int ms) {
  return Instant{milliseconds{ms}};
}

TEST(Deadline, HasPassedFromItsInstantOn) {
  const Deadline deadline = Deadline::after(at(100), milliseconds{50});
  EXPECT_FALSE(deadline.has_passed(at(149)));
  EXPECT_EQ(deadline.remaining(at(149)), milliseconds{1});
  EXPECT_TRUE(deadline.has_passed(at(150)));
  EXPECT_EQ(deadline.remaining(at(151)), Duration::zero());
}

TEST(Deadline, ThatIsNeverLeavesAllTime) {
  EXPECT_EQ(Deadline::never().remaining(at(1)), Duration::max());
  EXPECT_EQ(Deadline::never().to_propagate(at(1), milliseconds{5}), Duration::max());
  EXPECT_EQ(Deadline::after(at(1), Duration::max()), Deadline::never());
}

TEST(Deadline, IsNotPropagatedWhereNoTimeWouldBeLeft) {
  const Deadline deadline{at(100)};
  EXPECT_EQ(deadline.to_propagate(at(80), milliseconds{5}), milliseconds{15});
  EXPECT_EQ(deadline.to_propagate(at(95), milliseconds{5}), std::nullopt);
  EXPECT_EQ(deadline.to_propagate(at(200), milliseconds{5}), std::nullopt);
}

// Each hop has its own clock, far from the others', and each message takes a while: what arrives is
// never later in true time than what the caller waits for, and a chain of n hops loses exactly the
// margins and the ways.
TEST(Deadline, OnlyShrinksAlongAChainOfSkewedClocks) {
  const std::vector<int> clock_offsets_ms{0, 3'600'000, -50'000, 7};
  const milliseconds way{2};
  const milliseconds margin{3};
  milliseconds true_now{1'000'000};
  Duration left = milliseconds{100};
  const Duration caller_waits_until = true_now + left;
  for (const int offset : clock_offsets_ms) {
    const Instant local_now{true_now + milliseconds{offset}};
    const Deadline deadline = Deadline::after(local_now, left);
    const auto next = deadline.to_propagate(local_now, margin);
    ASSERT_TRUE(next);
    left = *next;
    true_now += way;
    EXPECT_LE(true_now + left, caller_waits_until);
  }
  EXPECT_EQ(left, milliseconds{100} - 4 * margin);
}

TEST(Deadline, OfAHopMayOnlyBeShortened) {
  const Deadline given{at(100)};
  EXPECT_EQ(given.earlier(Deadline{at(70)}), Deadline{at(70)});
  EXPECT_EQ(given.earlier(Deadline{at(170)}), given);
}

}  // namespace
}  // namespace windtunnel::retry
