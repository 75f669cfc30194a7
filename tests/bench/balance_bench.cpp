// Picks per second of every balancing policy, by the number of endpoints and with equal or unequal
// weights; a pick includes the begin
// of the request and the end of an earlier one.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "tests/models/balance/made_policies.hpp"

namespace windtunnel::balance {
namespace {

/// A tenth of the endpoints weighs `heaviest`, the others one.
std::vector<std::uint32_t> weights_of(std::int64_t count, std::int64_t heaviest) {
  std::vector<std::uint32_t> weights;
  for (std::int64_t i = 0; i < count; ++i) {
    weights.push_back(i % 10 == 0 ? static_cast<std::uint32_t>(heaviest) : 1);
  }
  return weights;
}

void pick(benchmark::State& state, const std::string& name) {
  constexpr std::size_t kUnderWay = 64;
  MadeEndpoints made{weights_of(state.range(0), state.range(1))};
  const std::unique_ptr<Policy> policy = make_policy(name, made.input(1));
  std::vector<EndpointId> under_way;
  Instant now{};
  std::size_t oldest = 0;
  for (std::size_t i = 0; i < kUnderWay; ++i) {
    under_way.push_back(*policy->pick(now, {}));
    made.loads.begin(under_way.back());
  }
  for (auto _ : state) {
    now += std::chrono::microseconds{10};
    EndpointId& request = under_way[oldest++ % kUnderWay];
    made.loads.end(request);
    policy->observe(now, {request, std::chrono::milliseconds{1}, true});
    request = *policy->pick(now, {});
    made.loads.begin(request);
  }
  state.SetItemsProcessed(state.iterations());
}

}  // namespace
}  // namespace windtunnel::balance

int main(int count, char** arguments) {
  for (const std::string& name : windtunnel::balance::policy_names()) {
    benchmark::RegisterBenchmark(name.c_str(), windtunnel::balance::pick, name)
        ->ArgNames({"endpoints", "heaviest"})
        ->ArgsProduct({{10, 1000}, {1, 5}});
  }
  benchmark::Initialize(&count, arguments);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
