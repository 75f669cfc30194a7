// This program replaces the global operator new to count: no policy allocates once it is made.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/balance/made_policies.hpp"
#include "tests/models/balance/made_traffic.hpp"
#include "tests/sim/counted_allocations.hpp"

namespace windtunnel::balance {
namespace {

class PolicyAllocation : public testing::TestWithParam<std::string> {};

TEST_P(PolicyAllocation, IsNoneAfterConstruction) {
  for (const auto& weights : {std::vector<std::uint32_t>(20, 1), {5, 1, 1, 7, 3, 3, 9, 2, 4, 1}}) {
    MadeEndpoints made{weights};
    const std::unique_ptr<Policy> policy = make_policy(GetParam(), made.input(1));
    Traffic traffic{made, *policy};
    const std::uint64_t before = counted_allocations();
    traffic.run(20'000, [](std::optional<EndpointId>) {});
    EXPECT_EQ(counted_allocations(), before);
  }
}

INSTANTIATE_TEST_SUITE_P(Policies, PolicyAllocation, testing::ValuesIn(policy_names()),
                         [](const auto& policy) { return policy.param; });

TEST(PolicyAllocationCount, CountsInThisProgram) {
  const std::uint64_t before = counted_allocations();
  const MadeEndpoints made{{1, 1}};
  EXPECT_GT(counted_allocations(), before);
}

}  // namespace
}  // namespace windtunnel::balance
