#include "chaos/measure/rollout_measures.hpp"

#include <gtest/gtest.h>

#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

/// A load asks the shop once a second, alternately of version 1 and 2. Version 2 is asked for at
/// 10 s, and promoted at 20 s.
RunRecord promoted_record() {
  RunRecord record = steady_record(30s);
  ServiceRecord shop{"shop", 1s, {}, {}, {}, {0, 1, 2}};
  for (Duration t = 0s; t < 30s; t += 1s) {
    shop.requests.push_back(operation(t, 1ms));
    shop.requests.back().version = static_cast<std::uint8_t>(1 + t / 1s % 2);
  }
  record.services.push_back(std::move(shop));
  record.rollouts.push_back({"out", "shop", 2, at(10s), at(10100ms)});
  record.rollout_moves.push_back({at(20s), "shop", 2, RolloutOutcome::promoted, 1, ""});
  return record;
}

TEST(RolloutMeasures, ExposeWhatWentToTheVersionBeforeItsPromotion) {
  const RunRecord record = promoted_record();
  EXPECT_EQ(rollout_measure(record, "rollout.exposed_requests", "out"), measured(Count{5}, 10));
  EXPECT_EQ(rollout_measure(record, "rollout.duration", "out"), measured(Duration{10s}, 1));
}

// Loads that ask before and afterwards, and services that ask it, are no evidence of exposure.
TEST(RolloutMeasures, KnowOfNoExposureWhereNoLoadAskedMeanwhile) {
  RunRecord record = promoted_record();
  std::erase_if(record.services.front().requests, [](const OperationRecord& request) {
    return request.invoked_at >= at(10s) && request.invoked_at < at(20s);
  });
  EXPECT_EQ(rollout_measure(record, "rollout.exposed_share", "out"),
            no_evidence("no load asked this service while the version was rolled out"));
}

}  // namespace
}  // namespace windtunnel::chaos
