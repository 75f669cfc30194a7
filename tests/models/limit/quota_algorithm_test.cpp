// The examples of Doorman's doc/algorithms.md and of its go/server/doorman/algorithm_test.go.
#include "models/limit/quota_algorithm.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "models/limit/quota_server.hpp"

namespace windtunnel::limit {
namespace {

using Shares = std::vector<std::uint64_t>;

Shares entitlements(const QuotaDivision& division, const std::vector<Demand>& demands) {
  Shares shares;
  for (std::size_t place = 0; place < demands.size(); ++place) {
    shares.push_back(entitlement(division, demands, place));
  }
  return shares;
}

QuotaDivision fair(std::uint64_t capacity) {
  return {.algorithm = QuotaAlgorithm::fair_share, .capacity = capacity};
}
QuotaDivision proportional(std::uint64_t capacity) {
  return {.algorithm = QuotaAlgorithm::proportional_share, .capacity = capacity};
}

TEST(FairShare, DividesAsDoormanDocuments) {
  EXPECT_EQ(entitlements(fair(120), {{1'000}, {50}, {10}}), (Shares{60, 50, 10}));
  EXPECT_EQ(entitlements(fair(120), {{1'000}, {60}, {10}}), (Shares{55, 55, 10}));
}

TEST(FairShare, DividesAmongSubclientsAsDoormanDoes) {
  EXPECT_EQ(entitlements(fair(120), {{1'000, 6}, {500, 4}, {200, 2}}), (Shares{60, 40, 20}));
  EXPECT_EQ(entitlements(fair(1'000), {{2'000, 10}, {500, 10}, {700, 30}}),
            (Shares{200, 200, 600}));
}

TEST(FixedShare, DividesAsDoormanDocuments) {
  const QuotaDivision fixed{
      .algorithm = QuotaAlgorithm::fixed_share, .capacity = 1'000, .fixed_share = 120};
  EXPECT_EQ(entitlements(fixed, {{50}, {200}, {300}}), (Shares{50, 120, 120}));
}

TEST(ProportionalShare, DividesAsDoormanDoes) {
  EXPECT_EQ(entitlements(proportional(120), {{60}, {60}, {10}}), (Shares{55, 55, 10}));
  EXPECT_EQ(entitlements(proportional(120), {{65, 3}, {45, 2}, {20, 1}}), (Shares{60, 40, 20}));
}

TEST(ProportionalShare, TopsUpInProportionToWhatIsWanted) {
  // The documentation leaves the figures of its example open: equal parts of 40, of which the third
  // leaves 30, shared as 960 to 10. In thousandths:
  EXPECT_EQ(entitlements(proportional(120'000), {{1'000'000}, {50'000}, {10'000}}),
            (Shares{69'690, 40'309, 10'000}));
}

/// What each client is lent when they ask one after another and nobody refreshes.
Shares lent_in_turn(std::uint64_t capacity, const std::vector<Demand>& demands) {
  QuotaServer server{{.capacity = capacity,
                      .algorithm = QuotaAlgorithm::proportional_share,
                      .predecessor_lease_length = Duration::zero()},
                     Instant{}};
  Shares shares;
  for (std::uint32_t client = 0; client < demands.size(); ++client) {
    QuotaRequest request;
    request.client = QuotaClientId{client};
    request.wants = demands[client].wants;
    request.weight = demands[client].weight;
    shares.push_back(server.step(Instant{}, request)->quota);
  }
  return shares;
}

TEST(ProportionalShare, LendsWhatIsLeftToLatecomersAsDoormanDoes) {
  EXPECT_EQ(lent_in_turn(120, {{60}, {75}, {10}}), (Shares{60, 60, 0}));
  EXPECT_EQ(lent_in_turn(120, {{65, 3}, {45, 2}, {20, 1}}), (Shares{65, 45, 10}));
}

}  // namespace
}  // namespace windtunnel::limit
