#include "models/replica/causal_context.hpp"

#include <set>

#include <gtest/gtest.h>

#include "runtime/codec.hpp"
#include "runtime/random.hpp"

namespace windtunnel::replica {
namespace {

Dot random_dot(RandomStream& random) {
  return {ReplicaId{static_cast<std::uint32_t>(random.below(3))}, 1 + random.below(12)};
}

bool equal(const CausalContext& context, const std::set<Dot>& dots) {
  for (std::uint32_t replica = 0; replica < 3; ++replica) {
    for (std::uint64_t number = 1; number <= 13; ++number) {
      const Dot dot{ReplicaId{replica}, number};
      if (context.contains(dot) != dots.contains(dot)) {
        return false;
      }
    }
  }
  return true;
}

std::uint64_t naive_prefix(const std::set<Dot>& dots, ReplicaId replica) {
  std::uint64_t prefix = 0;
  while (dots.contains({replica, prefix + 1})) {
    ++prefix;
  }
  return prefix;
}

TEST(CausalContext, AgreesWithASetOfDots) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    RandomStream random{seed, "dots"};
    CausalContext context;
    CausalContext other;
    std::set<Dot> dots;
    std::set<Dot> other_dots;
    for (int i = 0; i < 20; ++i) {
      const Dot dot = random_dot(random);
      context.add(dot);
      dots.insert(dot);
      const Dot another = random_dot(random);
      other.add(another);
      other_dots.insert(another);
      ASSERT_TRUE(equal(context, dots)) << "seed " << seed;
      for (std::uint32_t replica = 0; replica < 3; ++replica) {
        ASSERT_EQ(context.prefix_of(ReplicaId{replica}), naive_prefix(dots, ReplicaId{replica}));
      }
      ASSERT_EQ(context.covers(other), std::ranges::includes(dots, other_dots)) << "seed " << seed;
    }
    context.join(other);
    dots.insert(other_dots.begin(), other_dots.end());
    ASSERT_TRUE(equal(context, dots)) << "seed " << seed;
    ASSERT_EQ(decoded<CausalContext>(encoded(context)), context);
  }
}

// The order in which the same dots came leaves no trace.
TEST(CausalContext, IsEqualWhereItsDotsAre) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "dots"};
    std::vector<Dot> dots;
    for (int i = 0; i < 20; ++i) {
      dots.push_back(random_dot(random));
    }
    CausalContext forwards;
    CausalContext backwards;
    for (std::size_t i = 0; i < dots.size(); ++i) {
      forwards.add(dots[i]);
      backwards.add(dots[dots.size() - 1 - i]);
    }
    EXPECT_EQ(forwards, backwards) << "seed " << seed;
  }
}

TEST(CausalContext, SurvivesJoiningAMalformedOne) {
  CausalContext malformed;
  malformed.replicas = {{ReplicaId{2}, {{9, 4}, {0, 3}, {5, 6}, {1, 2}}}, {ReplicaId{1}, {}}};
  CausalContext context;
  context.add({ReplicaId{2}, 3});
  context.join(malformed);
  CausalContext expected;
  expected.add(ReplicaId{2}, {1, 3});
  expected.add(ReplicaId{2}, {5, 6});
  EXPECT_EQ(context, expected);
}

}  // namespace
}  // namespace windtunnel::replica
