// What a pick costs by policy and number of endpoints, what it costs to make a policy anew, and
// what a bound on the load adds when a key's endpoint is full.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/balance/bounded_load.hpp"
#include "models/balance/hash_haproxy_map.hpp"
#include "models/balance/hash_haproxy_ring.hpp"
#include "models/balance/hash_nginx.hpp"
#include "models/balance/ketama.hpp"
#include "models/balance/maglev.hpp"
#include "models/balance/rendezvous.hpp"
#include "models/balance/ring_hash.hpp"
#include "tests/models/balance_hash/host_set.hpp"

namespace windtunnel::balance {
namespace {

constexpr std::size_t kKeys = 4096;

std::vector<std::string> keys() {
  std::vector<std::string> made;
  for (std::size_t key = 0; key < kKeys; ++key) {
    made.push_back("/users/" + std::to_string(key * 7919) + "/orders");
  }
  return made;
}

HostSet hosts_of(const benchmark::State& state) {
  return hosts_in(0, static_cast<std::uint32_t>(state.range(0)));
}

void pick_each(benchmark::State& state, Policy& policy) {
  const std::vector<std::string> texts = keys();
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy.pick({}, with_key(texts[next])));
    next = (next + 1) % kKeys;
  }
  state.SetItemsProcessed(state.iterations());
}

template <typename PolicyType, typename SpecType>
void pick(benchmark::State& state) {
  const HostSet hosts = hosts_of(state);
  PolicyType policy{SpecType{}, hosts.input()};
  pick_each(state, policy);
}

template <typename PolicyType, typename SpecType>
void make(benchmark::State& state) {
  const HostSet hosts = hosts_of(state);
  for (auto _ : state) {
    const PolicyType policy{SpecType{}, hosts.input()};
    benchmark::DoNotOptimize(&policy);
  }
}

/// A key whose endpoint has all requests there are and the others none.
template <typename PolicyType, typename SpecType>
void pick_overloaded(benchmark::State& state, const SpecType& spec) {
  HostSet hosts = hosts_of(state);
  PolicyType policy{spec, hosts.input()};
  const EndpointId home{picked(policy, at_hash(77))};
  for (int request = 0; request < 1000; ++request) {
    hosts.loads().begin(home);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(policy.pick({}, at_hash(77)));
  }
  state.SetItemsProcessed(state.iterations());
}

void pick_overloaded_envoy(benchmark::State& state) {
  MaglevSpec spec;
  spec.choice.balance_factor = 125;
  pick_overloaded<Maglev>(state, spec);
}
void pick_overloaded_exact(benchmark::State& state) {
  pick_overloaded<BoundedLoad>(state, BoundedLoadSpec{});
}
void pick_overloaded_haproxy(benchmark::State& state) {
  HaproxyRingSpec spec;
  spec.balance_factor = 125;
  pick_overloaded<HaproxyRing>(state, spec);
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(10)->Arg(100)->Arg(1000);
}

BENCHMARK(pick<RingHash, RingHashSpec>)->Apply(sizes);
BENCHMARK(pick<Maglev, MaglevSpec>)->Apply(sizes);
BENCHMARK(pick<Ketama, KetamaSpec>)->Apply(sizes);
BENCHMARK(pick<NginxHash, NginxHashSpec>)->Apply(sizes);
BENCHMARK(pick<HaproxyRing, HaproxyRingSpec>)->Apply(sizes);
BENCHMARK(pick<HaproxyMap, HaproxyMapSpec>)->Apply(sizes);
BENCHMARK(pick<BoundedLoad, BoundedLoadSpec>)->Apply(sizes);
BENCHMARK(pick<Rendezvous, RendezvousSpec>)->Apply(sizes);
BENCHMARK(pick_overloaded_envoy)->Apply(sizes);
BENCHMARK(pick_overloaded_exact)->Apply(sizes);
BENCHMARK(pick_overloaded_haproxy)->Apply(sizes);
BENCHMARK(make<RingHash, RingHashSpec>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(make<Maglev, MaglevSpec>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(make<Ketama, KetamaSpec>)->Apply(sizes)->Unit(benchmark::kMicrosecond);
BENCHMARK(make<HaproxyRing, HaproxyRingSpec>)->Apply(sizes)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace windtunnel::balance
