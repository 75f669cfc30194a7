#include "models/balance/deterministic_subset.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace windtunnel::balance {
namespace {

/// How many of the callers use each endpoint.
std::vector<std::uint32_t> callers_by_endpoint(std::uint32_t endpoints, std::uint32_t size,
                                               std::uint32_t callers) {
  std::vector<std::uint32_t> counts(endpoints);
  for (std::uint32_t caller = 0; caller < callers; ++caller) {
    for (const std::uint32_t position : deterministic_subset({endpoints, size, caller})) {
      ++counts[position];
    }
  }
  return counts;
}

// The example of the book: 300 callers, 300 endpoints, 30 each. A random choice there gives the
// least loaded endpoint 63 % and the most loaded one 121 % of the average; this one is exact.
TEST(DeterministicSubset, GivesEveryEndpointOfTheBooksExampleThirtyCallers) {
  const auto counts = callers_by_endpoint(300, 30, 300);
  EXPECT_EQ(counts, std::vector<std::uint32_t>(300, 30));
}

// The book's other example: 12 endpoints, 3 each, 10 callers fall into rounds of 4.
TEST(DeterministicSubset, DealsEachRoundOutWithoutOverlap) {
  std::set<std::uint32_t> dealt;
  for (std::uint32_t caller = 4; caller < 8; ++caller) {
    for (const std::uint32_t position : deterministic_subset({12, 3, caller})) {
      EXPECT_TRUE(dealt.insert(position).second) << position << " twice in one round";
    }
  }
  EXPECT_EQ(dealt.size(), 12U);
}

TEST(DeterministicSubset, ShufflesEachRoundInItsOwnWay) {
  EXPECT_NE(deterministic_subset({300, 30, 0}), deterministic_subset({300, 30, 10}));
}

TEST(DeterministicSubset, GivesEverythingToACallerThatMayHaveAll) {
  EXPECT_EQ(deterministic_subset({3, 5, 7}), (std::vector<std::uint32_t>{0, 1, 2}));
  EXPECT_TRUE(deterministic_subset({0, 5, 7}).empty());
}

RC_GTEST_PROP(DeterministicSubset, LoadsNoEndpointMoreThanOnceARound, ()) {
  const auto endpoints = *rc::gen::inRange<std::uint32_t>(1, 200);
  const auto size = *rc::gen::inRange<std::uint32_t>(1, endpoints + 1);
  const auto callers = *rc::gen::inRange<std::uint32_t>(1, 300);
  const std::uint32_t rounds = (callers - 1) / (endpoints / size) + 1;
  const auto counts = callers_by_endpoint(endpoints, size, callers);
  RC_ASSERT(*std::max_element(counts.begin(), counts.end()) <= rounds);
  // Nothing else may be missing than what did not fit into a round, or has no caller yet.
  if (endpoints % size == 0) {
    RC_ASSERT(*std::min_element(counts.begin(), counts.end()) + 1 >= rounds);
  }
}

RC_GTEST_PROP(DeterministicSubset, IsAscendingAndOfTheSizeAskedFor, ()) {
  const auto endpoints = *rc::gen::inRange<std::uint32_t>(1, 200);
  const auto size = *rc::gen::inRange<std::uint32_t>(1, 250);
  const auto subset =
      deterministic_subset({endpoints, size, *rc::gen::inRange<std::uint32_t>(0, 1000)});
  RC_ASSERT(subset.size() == std::min(endpoints, size));
  RC_ASSERT(std::is_sorted(subset.begin(), subset.end()));
  RC_ASSERT(std::adjacent_find(subset.begin(), subset.end()) == subset.end());
  RC_ASSERT(subset.back() < endpoints);
}

}  // namespace
}  // namespace windtunnel::balance
