#include "models/replica/repair.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "runtime/codec.hpp"

namespace windtunnel::replica {
namespace {

using namespace std::chrono_literals;

constexpr WallInstant kNow{1000s};

/// Nobody has told what he has seen.
const Stability kUnknown{ReplicaId{0}, 4};

struct Cost {
  std::uint64_t steps = 0;
  std::uint64_t bytes = 0;
};

/// A whole repair between the two, undisturbed.
Cost repair(Replica& one, Replica& other) {
  Cost cost;
  one.open_repair(other.seen());
  other.open_repair(one.seen());
  Replica* turn = &one;
  RepairStep step = first_step(other);
  while (!step.is_empty()) {
    ++cost.steps;
    cost.bytes += encoded(step).size();
    step = next_step(*turn, kNow, step);
    turn = turn == &one ? &other : &one;
  }
  EXPECT_TRUE(one.complete_repair());
  EXPECT_TRUE(other.complete_repair());
  return cost;
}

struct Pair {
  Replica one{{.self = ReplicaId{0}}};
  Replica other{{.self = ReplicaId{1}}};
};

/// Both have `size` keys in common, and each wrote half of `difference` that the other has not.
Pair pair_of(std::uint64_t size, std::uint64_t difference) {
  Pair pair;
  for (std::uint64_t i = 0; i < size; ++i) {
    EXPECT_EQ(
        pair.other.apply(kNow, pair.one.accept(kNow, OperationKind::put, "key-" + std::to_string(i),
                                               "value", kUnknown)),
        Taken::taken);
  }
  for (std::uint64_t i = 0; i < difference; ++i) {
    Replica& writer = i % 2 == 0 ? pair.one : pair.other;
    static_cast<void>(writer.accept(kNow, OperationKind::put,
                                    "key-" + std::to_string(i * 7919 % size), "changed", kUnknown));
  }
  return pair;
}

Cost cost_of(std::uint64_t size, std::uint64_t difference) {
  Pair pair = pair_of(size, difference);
  const Cost cost = repair(pair.one, pair.other);
  EXPECT_EQ(pair.one.map().entries(), pair.other.map().entries());
  EXPECT_EQ(pair.one.seen(), pair.other.seen());
  return cost;
}

TEST(Repair, SaysOneSummaryWhereNothingDiffers) {
  EXPECT_EQ(cost_of(10'000, 0).steps, 1U);
  EXPECT_LT(cost_of(10'000, 0).bytes, 40U);
}

// A thousand times the keys, and less than five times the bytes; ten times the difference, and not
// more than ten times the bytes.
TEST(Repair, CostsTheDifferenceAndTheLogarithmOfTheSize) {
  for (const std::uint64_t size : {200U, 2'000U, 20'000U, 200'000U}) {
    const Cost cost = cost_of(size, 10);
    const double levels = std::ceil(std::log2(static_cast<double>(size)) / 4);
    EXPECT_LE(cost.steps, static_cast<std::uint64_t>(levels) + 4) << size << " keys";
    EXPECT_LE(static_cast<double>(cost.bytes), 10 * 300 * levels) << size << " keys";
    RecordProperty("bytes_of_" + std::to_string(size), std::to_string(cost.bytes));
  }
  EXPECT_LT(cost_of(200'000, 10).bytes, 5 * cost_of(200, 10).bytes);
  EXPECT_LE(cost_of(20'000, 100).bytes, 10 * cost_of(20'000, 10).bytes);
  EXPECT_LE(cost_of(20'000, 1000).bytes, 10 * cost_of(20'000, 100).bytes);
}

TEST(Repair, BringsARemovalWithoutATombstone) {
  Pair pair;
  const Operation addition = pair.one.accept(kNow, OperationKind::add, "e", {}, kUnknown);
  ASSERT_EQ(pair.other.apply(kNow, addition), Taken::taken);
  static_cast<void>(pair.one.accept(kNow, OperationKind::remove, "e", {}, kUnknown));
  repair(pair.one, pair.other);
  EXPECT_FALSE(pair.other.set().contains("e"));
  EXPECT_EQ(pair.one.seen(), pair.other.seen());
}

// The bug that time-bound tombstones have by design: who slept longer than they were kept holds the
// value for ever, and the others nothing.
TEST(Repair, CannotBringADeletionThatWasForgottenTooEarly) {
  for (const bool is_early : {false, true}) {
    Pair pair = pair_of(4, 0);
    static_cast<void>(pair.one.accept(kNow, OperationKind::erase, "key-1", {}, kUnknown));
    if (is_early) {
      EXPECT_EQ(pair.one.collect_before(kNow + 1s), 1U);
    }
    repair(pair.one, pair.other);
    const Register* const left = pair.other.map().find("key-1");
    ASSERT_NE(left, nullptr);
    EXPECT_EQ(left->is_tombstone(), !is_early);
  }
}

TEST(Repair, DoesNotCountAsWholeWhereAStampWasRefused) {
  Replica fast{{.self = ReplicaId{0}}};
  Replica right{{.self = ReplicaId{1}}};
  const Operation far = fast.accept(kNow + 10s, OperationKind::put, "k", "v", kUnknown);
  fast.open_repair(right.seen());
  right.open_repair(fast.seen());
  RepairStep step = next_step(right, kNow, first_step(fast));
  step = next_step(fast, kNow + 10s, step);
  static_cast<void>(next_step(right, kNow, step));
  EXPECT_EQ(right.complete_repair(), std::nullopt);
  EXPECT_FALSE(right.seen().contains(far.dot));
}

TEST(Repair, IgnoresRangesThatAreNone) {
  Pair pair = pair_of(100, 0);
  RepairStep forged;
  forged.summaries = {{{1, 0}, 5, 5}, {{0, 3}, 5, 5}, {{0, 200}, 5, 5}};
  forged.contents = {{{7, 4}, {}, {}, true}};
  pair.one.open_repair({});
  EXPECT_TRUE(next_step(pair.one, kNow, forged).is_empty());
  EXPECT_EQ(pair.one.map().entries().size(), 100U);
}

}  // namespace
}  // namespace windtunnel::replica
