#include "chaos/measure/policy_measures.hpp"

#include <gtest/gtest.h>

#include "tests/chaos/made_record.hpp"

namespace windtunnel::chaos {
namespace {

const HostId kFirst{10};
const HostId kLast{11};

OperationRecord request(Duration invoked, HostId proxy, std::uint32_t policy) {
  OperationRecord made = operation(invoked, 1ms);
  made.client = proxy;
  made.policy = policy;
  return made;
}

/// Two proxies; a change asked for at 10 s is committed at 10.02 s, settled at 10.12 s, comes to
/// the last proxy at 10.15 s, and enforced there at 10.18 s. Both ask a shop every 10 ms.
RunRecord changed_record() {
  RunRecord record = steady_record(20s);
  record.proxies = 2;
  record.policy_changes.push_back({"change", at(10s), at(10020ms), 7, {}, {"shop"}});
  record.policies_settled.push_back({at(10120ms), cp_a, 7});
  record.policies_settled.push_back({at(10121ms), cp_b, 7});
  record.policies_received.push_back({at(10122ms), kFirst, 7});
  record.policies_received.push_back({at(10150ms), kLast, 7});
  record.policies_applied.push_back({at(10125ms), kFirst, 7});
  record.policies_applied.push_back({at(10180ms), kLast, 7});
  ServiceRecord shop{"shop", 1s, {}};
  for (Duration t = 0s; t < 20s; t += 10ms) {
    shop.requests.push_back(request(t, kFirst, t < 10125ms ? 3 : 7));
    shop.requests.push_back(request(t, kLast, t < 10180ms ? 3 : 7));
  }
  record.services.push_back(std::move(shop));
  return record;
}

MeasureValue value_of(const RunRecord& record, std::string_view measure) {
  return policy_measure(record, measure, "change");
}

TEST(PolicyMeasures, SplitsConvergenceIntoPartsThatAddUp) {
  const RunRecord record = changed_record();
  EXPECT_EQ(value_of(record, "policy.convergence.commit"), measured(Duration{20ms}, 1));
  EXPECT_EQ(value_of(record, "policy.convergence.debounce"), measured(Duration{100ms}, 1));
  EXPECT_EQ(value_of(record, "policy.convergence.push"), measured(Duration{30ms}, 2));
  EXPECT_EQ(value_of(record, "policy.convergence.apply"), measured(Duration{30ms}, 1));
  EXPECT_EQ(value_of(record, "policy.convergence.max"), measured(Duration{160ms}, 2));
}

TEST(PolicyMeasures, CountsAllAsPushWhereAProxyAppliesAtOnce) {
  RunRecord record = changed_record();
  record.policies_received.clear();
  EXPECT_EQ(value_of(record, "policy.convergence.push"), measured(Duration{60ms}, 2));
  EXPECT_EQ(value_of(record, "policy.convergence.apply"), measured(Duration::zero(), 1));
}

TEST(PolicyMeasures, CountsRequestsUnderTheOlderPolicyFromTheCommitOn) {
  const RunRecord record = changed_record();
  // Every 10 ms from 10.02 s: eleven of the first proxy, sixteen of the last.
  EXPECT_EQ(value_of(record, "policy.stale_requests"), measured(Count{27}, 1996));
  EXPECT_EQ(value_of(record, "policy.stale_requests.last"), measured(Duration{150ms}, 1996));
}

TEST(PolicyMeasures, AreThoseOfTheFirstStrikeOfARepeatedChange) {
  RunRecord record = changed_record();
  const RunRecord once = record;
  record.policy_changes.push_back({"change", at(15s), at(15010ms), 9, {}, {"shop"}});
  for (const char* const measure :
       {"policy.convergence.max", "policy.convergence.debounce", "policy.convergence.push",
        "policy.convergence.commit", "policy.stale_requests", "policy.pushes"}) {
    EXPECT_EQ(value_of(record, measure), value_of(once, measure)) << measure;
  }
  record.policy_changes.front().committed_at.reset();
  EXPECT_EQ(value_of(record, "policy.convergence.max"),
            censored("the first of 2 changes was not committed", 0, Amount{Duration{10s}}));
}

TEST(PolicyMeasures, LeavesOutRequestsOnRoutesThatDidNotChange) {
  RunRecord record = changed_record();
  record.policy_changes.front().callees = {"till"};
  EXPECT_TRUE(std::holds_alternative<NoEvidence>(value_of(record, "policy.stale_requests").what));
  record.policy_changes.front().callees.clear();
  EXPECT_EQ(value_of(record, "policy.stale_requests"), measured(Count{27}, 1996));
}

TEST(PolicyMeasures, HasNoLastStaleRequestBehindTheCommitWhereThereIsNone) {
  RunRecord record = changed_record();
  record.policy_changes.front().committed_at = at(10180ms);
  EXPECT_EQ(value_of(record, "policy.stale_requests"), measured(Count{0}, 1964));
  EXPECT_EQ(value_of(record, "policy.stale_requests.last"), measured(Duration::zero(), 1964));
}

TEST(PolicyMeasures, CensorsTheLastStaleRequestOfAProxyThatNeverHeldTheChange) {
  RunRecord record = changed_record();
  record.policies_applied.pop_back();
  for (OperationRecord& made : record.services.front().requests) {
    made.policy = made.client == kLast ? 3 : made.policy;
  }
  const MeasureValue last = value_of(record, "policy.stale_requests.last");
  ASSERT_TRUE(last.is_censored());
  EXPECT_EQ(std::get<Censored>(last.what).at_least, Amount{Duration{9970ms}});
  EXPECT_TRUE(value_of(record, "policy.convergence.max").is_censored());
  EXPECT_TRUE(value_of(record, "policy.convergence.apply").is_censored());
}

}  // namespace
}  // namespace windtunnel::chaos
