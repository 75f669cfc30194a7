#include "models/replica/pn_counter.hpp"

#include <array>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::replica {
namespace {

TEST(PnCounter, ComesToTheSumOfAllChangesHoweverReportsAreJoined) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomStream random{seed, "counter"};
    std::array<PnCounter, 3> counters;
    std::int64_t sum = 0;
    for (int i = 0; i < 50; ++i) {
      const auto self = static_cast<std::uint32_t>(random.below(3));
      const std::uint64_t by = random.below(10);
      switch (random.below(3)) {
        case 0:
          counters[self].raise(ReplicaId{self}, by);
          sum += static_cast<std::int64_t>(by);
          break;
        case 1:
          counters[self].lower(ReplicaId{self}, by);
          sum -= static_cast<std::int64_t>(by);
          break;
        default:
          counters[self].join(counters[random.below(3)]);
      }
    }
    PnCounter forwards = counters[0];
    forwards.join(counters[1]);
    forwards.join(counters[2]);
    PnCounter backwards = counters[2];
    backwards.join(counters[1]);
    backwards.join(counters[0]);
    backwards.join(counters[1]);
    EXPECT_EQ(forwards, backwards) << "seed " << seed;
    EXPECT_EQ(forwards.value(), sum) << "seed " << seed;
  }
}

}  // namespace
}  // namespace windtunnel::replica
