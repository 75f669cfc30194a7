// What every policy owes to whoever uses it, whichever algorithm it is.
#include "models/balance/policy.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_policies.hpp"
#include "tests/models/balance/made_traffic.hpp"

namespace windtunnel::balance {
namespace {

class AnyPolicy : public testing::TestWithParam<std::string> {};

TEST_P(AnyPolicy, PicksNobodyFromNothing) {
  for (const auto& weights : {std::vector<std::uint32_t>{}, {0}, {0, 0}}) {
    MadeEndpoints made{weights};
    EXPECT_EQ(make_policy(GetParam(), made.input(1))->pick(Instant{}, {}), std::nullopt);
  }
}

TEST_P(AnyPolicy, NeverPicksWeightZero) {
  MadeEndpoints made{{1, 0, 5, 0, 1}};
  const std::unique_ptr<Policy> policy = make_policy(GetParam(), made.input(1));
  Traffic{made, *policy}.run(2000, [](std::optional<EndpointId> picked) {
    ASSERT_TRUE(!picked || (*picked != EndpointId{1} && *picked != EndpointId{3}));
  });
}

TEST_P(AnyPolicy, TakesIdsThatAreNeitherDenseNorInOrder) {
  MadeEndpoints made{std::vector<std::uint32_t>(3, 2)};
  made.endpoints[0].id = EndpointId{70};
  made.endpoints[1].id = EndpointId{3};
  made.endpoints[2].id = EndpointId{40};
  made.loads.resize(71);
  const std::unique_ptr<Policy> policy = make_policy(GetParam(), made.input(1));
  std::map<EndpointId, int> counts;
  Traffic{made, *policy}.run(2000, [&](std::optional<EndpointId> picked) {
    if (picked) {
      ++counts[*picked];
    }
  });
  EXPECT_EQ(counts.size(), 3U);
  for (const auto& [endpoint, count] : counts) {
    EXPECT_TRUE(endpoint == EndpointId{70} || endpoint == EndpointId{3} ||
                endpoint == EndpointId{40});
    EXPECT_GT(count, 0);
  }
}

TEST_P(AnyPolicy, IgnoresResultsOfEndpointsThatAreNotItsOwn) {
  MadeEndpoints made{{1, 1}};
  const std::unique_ptr<Policy> policy = make_policy(GetParam(), made.input(1));
  policy->observe(Instant{}, {EndpointId{1000}, Duration{}, false});
  EXPECT_TRUE(policy->pick(Instant{}, {}));
}

// A Balancer tells only those that say they learn: one that does and did not say so would be found
// here.
TEST_P(AnyPolicy, ChoosesOtherwiseForWhatItIsToldOnlyIfItSaysThatItLearns) {
  MadeEndpoints made{std::vector<std::uint32_t>(10, 2)};
  const std::unique_ptr<Policy> told = make_policy(GetParam(), made.input(7));
  const std::unique_ptr<Policy> untold = make_policy(GetParam(), made.input(7));
  bool is_equal = true;
  for (int i = 0; i < 500; ++i) {
    const Instant now{std::chrono::milliseconds{i}};
    const std::optional<EndpointId> picked = told->pick(now, {});
    is_equal &= picked == untold->pick(now, {});
    if (picked) {
      told->observe(now, {*picked, std::chrono::milliseconds{i % 7}, i % 3 != 0});
    }
  }
  EXPECT_TRUE(is_equal || told->learns());
}

TEST_P(AnyPolicy, CanBeReplacedWhileRequestsAreUnderWay) {
  MadeEndpoints made{{3, 1, 1}};
  std::vector<EndpointId> under_way;
  for (std::uint64_t snapshot = 0; snapshot < 100; ++snapshot) {
    const std::unique_ptr<Policy> policy = make_policy(GetParam(), made.input(snapshot));
    for (int i = 0; i < 5; ++i) {
      under_way.push_back(*policy->pick(Instant{}, {}));
      made.loads.begin(under_way.back());
    }
    while (under_way.size() > 7) {
      made.loads.end(under_way.front());
      policy->observe(Instant{}, {under_way.front(), std::chrono::milliseconds{1}, true});
      under_way.erase(under_way.begin());
    }
  }
}

/// FNV-1a over the picks of a scripted day, once with unequal and once with equal weights.
std::uint64_t trace(const std::string& name) {
  std::uint64_t digest = 0xcbf29ce484222325;
  for (const auto& weights : {std::vector<std::uint32_t>{5, 1, 1, 7, 3, 3, 9, 2, 4, 1},
                              std::vector<std::uint32_t>(10, 1)}) {
    MadeEndpoints made{weights};
    const std::unique_ptr<Policy> policy = make_policy(name, made.input(42));
    Traffic{made, *policy}.run(20'000, [&](std::optional<EndpointId> picked) {
      digest = (digest ^ (picked ? picked->value() + 1 : 0)) * 0x100000001b3;
    });
  }
  return digest;
}

// The same on every compiler and machine; what changes it changes every recorded run.
TEST_P(AnyPolicy, KeepsItsRecordedTrace) {
  const std::map<std::string, std::uint64_t> recorded{
      {"envoy_full_scan", 0xcf13d566d2496f45},
      {"envoy_least_request", 0x58b42f89fe813acc},
      {"envoy_round_robin", 0x710ddc67d066f1ff},
      {"grpc_weighted_round_robin", 0x4a5441a8f356aa15},
      {"haproxy_least_conn", 0xdb7dcadf864564cb},
      {"haproxy_random", 0xe4ee34176310d67e},
      {"haproxy_round_robin", 0x73e8e54abee8bfa3},
      {"nginx_least_conn", 0x3e2943d054d88750},
      {"nginx_random_two", 0x64029bcba77c9259},
      {"nginx_round_robin", 0x48d3a1fd12e8f8f0},
      {"peak_ewma", 0x16d8702c5d041b15},
      {"power_of_choices", 0x188c84b082e8fb5e},
      {"prequal", 0xb7c84f1a375c561},
      {"random", 0x7c15c03e897f803b},
  };
  const std::uint64_t now = trace(GetParam());
  EXPECT_TRUE(recorded.contains(GetParam()) && recorded.at(GetParam()) == now)
      << "{\"" << GetParam() << "\", 0x" << std::hex << now << "},";
}

INSTANTIATE_TEST_SUITE_P(Policies, AnyPolicy, testing::ValuesIn(policy_names()),
                         [](const auto& policy) { return policy.param; });

}  // namespace
}  // namespace windtunnel::balance
