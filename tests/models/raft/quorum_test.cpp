#include "models/raft/quorum.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/random.hpp"

namespace windtunnel::raft {
namespace {

TEST(Quorum, CommitsWhatAMajorityHasReached) {
  std::vector<Index> acked{Index{7}, Index{3}, Index{5}, Index{1}, Index{9}};
  EXPECT_EQ(majority_index(acked), Index{5});
}

TEST(Quorum, NeedsBothOfTwoVoters) {
  std::vector<Index> acked{Index{12}, Index{5}};
  EXPECT_EQ(majority_index(acked), Index{5});
}

TEST(Quorum, OfNobodyAgreesToEverything) {
  EXPECT_EQ(majority_index({}), Index::max());
  EXPECT_EQ(vote_result(0, 0, 0), VoteResult::won);
}

TEST(Quorum, AgreesWithCountingEachIndex) {
  RandomStream rng{1, "quorum"};
  for (int trial = 0; trial < 2000; ++trial) {
    std::vector<Index> acked(1 + rng.below(9));
    std::generate(acked.begin(), acked.end(), [&] { return Index{rng.below(12)}; });
    std::uint64_t counted = 0;
    for (std::uint64_t index = 0; index < 12; ++index) {
      const auto holders = std::count_if(acked.begin(), acked.end(),
                                         [&](Index each) { return each >= Index{index}; });
      if (static_cast<std::size_t>(holders) >= majority_of(acked.size())) {
        counted = index;
      }
    }
    EXPECT_EQ(majority_index(acked), Index{counted});
  }
}

TEST(Quorum, DecidesAVoteAsSoonAsTheRestCannotChangeIt) {
  EXPECT_EQ(vote_result(5, 2, 2), VoteResult::pending);
  EXPECT_EQ(vote_result(5, 3, 0), VoteResult::won);
  EXPECT_EQ(vote_result(5, 0, 3), VoteResult::lost);
  EXPECT_EQ(vote_result(4, 2, 1), VoteResult::pending);
  EXPECT_EQ(vote_result(4, 2, 2), VoteResult::lost);
}

}  // namespace
}  // namespace windtunnel::raft
