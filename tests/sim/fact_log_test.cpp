#include "sim/fact_log.hpp"

#include <gtest/gtest.h>

#include "tests/sim/small_world.hpp"

namespace windtunnel::sim {
namespace {

TEST(FactLog, ReadsBackWhatWasRecordedWhenAndWhere) {
  SmallWorld world;
  world.start(0);
  world.start(1);
  world.run_for(1s);
  world.host(0).journal().record(Note{7});
  world.run_for(1s);
  world.host(1).journal().record(Ask{8});
  const FactLog& facts = world->facts();
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].at, TrueInstant{1s});
  EXPECT_EQ(facts[0].host, HostId{0});
  EXPECT_TRUE(facts[0].is<Note>());
  EXPECT_EQ(facts[0].as<Note>(), Note{7});
  EXPECT_EQ(facts[1].at, TrueInstant{2s});
  EXPECT_EQ(facts[1].host, HostId{1});
  EXPECT_FALSE(facts[1].is<Note>());
  EXPECT_EQ(facts[1].as<Ask>().number, 8U);
}

TEST(FactLog, KeepsOnlyTheLatestWhereAskedTo) {
  FactLog facts{FactMemory::recent};
  constexpr std::uint64_t kFacts = 200'000;
  for (std::uint64_t i = 0; i < kFacts; ++i) {
    const Note note{i};
    (void)facts.append({TrueInstant{Duration{i}}, HostId{0}, &description_of<Note>(), &note});
    const std::size_t kept = facts.size();
    ASSERT_GE(kept, std::min<std::uint64_t>(i + 1, 1000));
    ASSERT_LE(kept, 100'000U);
    ASSERT_EQ(facts[kept - 1].as<Note>(), note);
    ASSERT_EQ(facts[0].as<Note>().number, i + 1 - kept);
  }
  EXPECT_LT(facts.size(), kFacts);
}

TEST(FactLog, ShowsEachFactToItsObserverWhichMayRecordFurtherOnes) {
  SmallWorld world;
  world.start(0);
  std::vector<std::uint64_t> seen;
  world->facts().observe([&](const FreshFact& fact) {
    if (fact.is<Note>()) {
      seen.push_back(fact.as<Note>().number);
      if (seen.size() < 100) {
        world.host(0).journal().record(Note{fact.as<Note>().number + 1});
      }
    }
  });
  world.host(0).journal().record(Note{1});
  ASSERT_EQ(seen.size(), 100U);
  ASSERT_EQ(world->facts().size(), 100U);
  for (std::uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(world->facts()[i].as<Note>().number, i + 1);
  }
}

}  // namespace
}  // namespace windtunnel::sim
