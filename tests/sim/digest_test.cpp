#include "sim/digest.hpp"

#include <set>

#include <gtest/gtest.h>

namespace windtunnel::sim {
namespace {

TracedEvent event(std::int64_t i) {
  return {.at_nanoseconds = i,
          .host = 1,
          .kind = EventKind::alarm_fired,
          .subject = 2,
          .type = 3,
          .content = 4};
}

Digest digest_of(std::int64_t count) {
  Digest digest;
  for (std::int64_t i = 0; i < count; ++i) {
    digest.add(event(i));
  }
  return digest;
}

TEST(Digest, DiffersAfterEveryEvent) {
  std::set<std::string> seen;
  Digest digest;
  for (std::int64_t i = 0; i < 1000; ++i) {
    ASSERT_TRUE(seen.insert(digest.hex()).second) << i;
    digest.add(event(i));
  }
  EXPECT_EQ(digest.events(), 1000U);
}

TEST(Digest, IsThatOfItsEventsHoweverOftenItIsAsked) {
  Digest asked;
  for (std::int64_t i = 0; i < 300; ++i) {
    asked.add(event(i));
    (void)asked.hex();
  }
  EXPECT_EQ(asked.hex(), digest_of(300).hex());
}

TEST(Digest, DependsOnEveryMemberOfEveryEvent) {
  std::set<std::string> seen;
  for (int member = 0; member < 7; ++member) {
    for (const std::int64_t place : {0, 127, 128, 299}) {
      Digest digest;
      for (std::int64_t i = 0; i < 300; ++i) {
        TracedEvent changed = event(i);
        if (i == place) {
          changed.at_nanoseconds += member == 1 ? 1 : 0;
          changed.host += member == 2 ? 1 : 0;
          changed.kind = member == 3 ? EventKind::function_run : changed.kind;
          changed.subject += member == 4 ? 1 : 0;
          changed.type += member == 5 ? 1 : 0;
          changed.content += member == 6 ? 1 : 0;
        }
        digest.add(changed);
      }
      seen.insert(digest.hex());
    }
  }
  EXPECT_EQ(seen.size(), 6U * 4 + 1);
}

TEST(Digest, CheckpointsEveryBlockAndFromTheFirstDifferenceOnAllDiffer) {
  const Digest left = digest_of(Digest::kBlockEvents * 4);
  Digest right;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(Digest::kBlockEvents) * 4; ++i) {
    right.add(event(i == 200 ? -1 : i));
  }
  ASSERT_EQ(left.checkpoints().size(), 4U);
  EXPECT_EQ(left.checkpoints()[0], right.checkpoints()[0]);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_NE(left.checkpoints()[i], right.checkpoints()[i]);
  }
}

TEST(Digest, KeepsATraceOnRequestWithoutChanging) {
  Digest digest;
  digest.keep_trace();
  for (std::int64_t i = 0; i < 300; ++i) {
    digest.add(event(i));
  }
  EXPECT_EQ(digest.hex(), digest_of(300).hex());
  const auto trace = digest.take_trace();
  ASSERT_EQ(trace.size(), 300U);
  EXPECT_EQ(trace[299], event(299));
}

TEST(Digest, NamesEveryKindOfEvent) {
  for (std::uint32_t kind = 0; kind <= static_cast<std::uint32_t>(EventKind::condition_lifted);
       ++kind) {
    EXPECT_STRNE(name_of(static_cast<EventKind>(kind)), "?");
  }
}

TEST(Digest, IsTheSameOnEveryMachine) {
  // Recorded once: digests of the scenario library are committed and must not move.
  EXPECT_EQ(digest_of(1000).hex(), "151574683753a22e465a90ac3e33e58a");
}

}  // namespace
}  // namespace windtunnel::sim
