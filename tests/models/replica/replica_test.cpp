#include "models/replica/replica.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

#include <gtest/gtest.h>

namespace windtunnel::replica {
namespace {

using namespace std::chrono_literals;
using enum OperationKind;

/// Nobody has told what he has seen.
const Stability kUnknown{ReplicaId{0}, 4};

WallInstant wall(Duration since_epoch) {
  return WallInstant{since_epoch};
}

Replica replica(std::uint32_t self, StampKind stamps = StampKind::hybrid) {
  return Replica{{.self = ReplicaId{self}, .stamps = stamps}};
}

/// Three replicas, six operations, of which some know of others: deletions and additions on both
/// sides of a cut.
std::vector<Operation> entangled_operations(StampKind stamps) {
  Replica a = replica(0, stamps);
  Replica b = replica(1, stamps);
  Replica c = replica(2, stamps);
  std::vector<Operation> all;
  const auto by = [&](Replica& self, OperationKind kind, const std::string& key) {
    all.push_back(self.accept(wall(5s), kind, key, kind == put ? std::optional{key} : std::nullopt,
                              kUnknown));
  };
  const auto to = [&](Replica& self, std::size_t which) {
    EXPECT_EQ(self.apply(wall(5s), all[which]), Taken::taken);
  };
  by(a, put, "k");  // 0
  by(a, add, "e");  // 1
  to(b, 0);
  to(b, 1);
  by(b, erase, "k");   // 2
  by(b, remove, "e");  // 3
  to(c, 1);
  by(c, put, "k");  // 4
  by(c, add, "e");  // 5, which has seen 1 and not 3
  by(a, add, "e");  // 6
  return all;
}

bool hold_the_same(const Replica& one, const Replica& other) {
  return one.map().entries() == other.map().entries() &&
         one.set().elements() == other.set().elements() && one.seen() == other.seen() &&
         one.summary_of({}) == other.summary_of({});
}

// All 5040 orders, every operation twice; what is early is sent again.
TEST(Replica, HoldsTheSameInEveryOrderInWhichOperationsMayCome) {
  for (const StampKind stamps : {StampKind::hybrid, StampKind::wall}) {
    const std::vector<Operation> operations = entangled_operations(stamps);
    std::vector<std::size_t> order(operations.size());
    std::iota(order.begin(), order.end(), 0U);
    std::optional<Replica> first;
    do {
      Replica observer = replica(3, stamps);
      for (std::size_t round = 0; round < operations.size(); ++round) {
        for (const std::size_t which : order) {
          static_cast<void>(observer.apply(wall(5s), operations[which]));
        }
      }
      if (!first) {
        EXPECT_TRUE(observer.set().contains("e"));
        EXPECT_NE(observer.map().find("k"), nullptr);
        first.emplace(std::move(observer));
      } else {
        ASSERT_TRUE(hold_the_same(*first, observer));
      }
    } while (std::ranges::next_permutation(order).found);
  }
}

// Two regions whose clocks differ by ten seconds; the second writes after it has seen the first's
// write.
TEST(Replica, LosesALaterWriteToAnEarlierOneByWallClocksAndNotByHybridOnes) {
  for (const StampKind stamps : {StampKind::hybrid, StampKind::wall}) {
    Replica fast{{.self = ReplicaId{0}, .stamps = stamps, .ahead_max = 20s}};
    Replica slow{{.self = ReplicaId{1}, .stamps = stamps, .ahead_max = 20s}};
    const Operation before = fast.accept(wall(110s), put, "k", "before", kUnknown);
    ASSERT_EQ(slow.apply(wall(100s), before), Taken::taken);
    const Operation after = slow.accept(wall(101s), put, "k", "after", kUnknown);
    ASSERT_EQ(fast.apply(wall(111s), after), Taken::taken);
    const bool is_hybrid = stamps == StampKind::hybrid;
    for (const Replica* const replica : {&fast, &slow}) {
      EXPECT_EQ(replica->map().find("k")->value, is_hybrid ? "after" : "before");
    }
    EXPECT_EQ(after.replaced.empty(), !is_hybrid);
  }
}

TEST(Replica, RefusesWhatIsStampedTooFarAheadUntilItsClockCatchesUp) {
  Replica wrong = replica(0);
  Replica right = replica(1);
  const Operation operation = wrong.accept(wall(11s), put, "k", "v", kUnknown);
  EXPECT_EQ(right.apply(wall(10s), operation), Taken::refused);
  EXPECT_EQ(right.map().find("k"), nullptr);
  EXPECT_FALSE(right.seen().contains(operation.dot));
  EXPECT_EQ(right.apply(wall(10500ms), operation), Taken::taken);
}

TEST(Replica, TakesARemovalOnlyAfterTheAdditionThatItRemoves) {
  Replica here = replica(0);
  Replica there = replica(1);
  const Operation addition = here.accept(wall(1s), add, "e", {}, kUnknown);
  const Operation removal = here.accept(wall(1s), remove, "e", {}, kUnknown);
  EXPECT_EQ(there.apply(wall(1s), removal), Taken::early);
  EXPECT_EQ(there.apply(wall(1s), addition), Taken::taken);
  EXPECT_EQ(there.apply(wall(1s), removal), Taken::taken);
  EXPECT_FALSE(there.set().contains("e"));
  EXPECT_EQ(there.apply(wall(1s), addition), Taken::known);
  EXPECT_FALSE(there.set().contains("e"));
}

TEST(Replica, IsAfterARestartWhatItWasBefore) {
  Replica other = replica(1);
  Replica before = replica(0);
  Replica after = replica(0);
  for (int i = 0; i < 50; ++i) {
    const auto kind = static_cast<OperationKind>(i * 7 % 4);
    const std::string key = std::to_string(i * 5 % 6);
    Operation operation = i % 3 == 0 ? other.accept(wall(1s), kind, key, {}, kUnknown)
                                     : before.accept(wall(1s), kind, key, {}, kUnknown);
    if (i % 3 == 0) {
      ASSERT_EQ(before.apply(wall(1s), operation), Taken::taken);
    } else {
      static_cast<void>(other.apply(wall(1s), operation));
    }
    after.restore(operation);
  }
  EXPECT_TRUE(hold_the_same(before, after));
  // Its next operation is a new one, stamped above those before.
  const Operation next = after.accept(wall(0s), put, "k", "v", kUnknown);
  EXPECT_FALSE(before.seen().contains(next.dot));
  for (const auto& [key, write] : before.map().entries()) {
    EXPECT_LT(write.time, next.time);
  }
}

}  // namespace
}  // namespace windtunnel::replica
