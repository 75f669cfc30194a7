// What a decision costs: every limiter at a load around its limit, so that both answers occur.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "models/limit/fixed_window.hpp"
#include "models/limit/gcra.hpp"
#include "models/limit/hierarchical_limiter.hpp"
#include "models/limit/keyed_limiter.hpp"
#include "models/limit/max_min.hpp"
#include "models/limit/nginx_limit_req.hpp"
#include "models/limit/pacer.hpp"
#include "models/limit/quota_client.hpp"
#include "models/limit/quota_server.hpp"
#include "models/limit/sentinel_qps.hpp"
#include "models/limit/sentinel_warm_up.hpp"
#include "models/limit/sliding_counter.hpp"
#include "models/limit/sliding_log.hpp"
#include "runtime/random.hpp"

namespace windtunnel::limit {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::int64_t kRate = 100'000;

/// Arrivals somewhat above kRate, drawn beforehand.
std::vector<Duration> gaps() {
  RandomStream random{1, "limit bench"};
  std::vector<Duration> gaps(4096);
  for (Duration& gap : gaps) {
    gap = Duration{static_cast<std::int64_t>(random.exponential() * 8'000)};
  }
  return gaps;
}

template <typename Admit>
void decide(benchmark::State& state, Admit admit) {
  const std::vector<Duration> between = gaps();
  Instant now{};
  std::size_t next = 0;
  std::int64_t admitted = 0;
  for (auto _ : state) {
    now += between[next++ % between.size()];
    admitted += admit(now) ? 1 : 0;
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["admitted"] =
      static_cast<double>(admitted) / static_cast<double>(state.iterations());
}

template <typename Limiter>
void limiter(benchmark::State& state, Limiter limiter) {
  decide(state, [&](Instant now) { return limiter.admit(now).admitted; });
}

void keyed(benchmark::State& state) {
  const auto keys = static_cast<std::size_t>(state.range(0));
  KeyedLimiter<Gcra> limiter{{.keys_max = static_cast<std::uint32_t>(state.range(1))},
                             [](Instant now) {
                               return Gcra{Rate::per_second(10), 5, now};
                             }};
  std::vector<std::string> names;
  for (std::size_t key = 0; key < keys; ++key) {
    names.push_back("198.51.100." + std::to_string(key));
  }
  RandomStream random{2, "limit bench keys"};
  decide(state,
         [&](Instant now) { return limiter.admit(now, names[random.below(keys)]).admitted; });
}

void hierarchical(benchmark::State& state) {
  HierarchicalLimiter limiter;
  const LevelId tenant = limiter.add(std::nullopt, Rate::per_second(kRate), 100, Instant{});
  const LevelId service = limiter.add(tenant, Rate::per_second(kRate), 100, Instant{});
  const LevelId method = limiter.add(service, Rate::per_second(kRate), 100, Instant{});
  decide(state, [&](Instant now) { return limiter.admit(now, method).decision.admitted; });
}

void quota_client(benchmark::State& state) {
  QuotaClient client{{.safe_capacity = kRate * 1'000}, Instant{}};
  decide(state, [&](Instant now) { return client.admit(now).admitted; });
}

/// A refresh of one among many clients.
void quota_server(benchmark::State& state) {
  const auto clients = static_cast<std::uint32_t>(state.range(0));
  QuotaServer server{{.capacity = 1'000'000'000,
                      .clients_max = clients,
                      .predecessor_lease_length = Duration::zero()},
                     Instant{}};
  std::uint32_t next = 0;
  Instant now{};
  for (auto _ : state) {
    QuotaRequest request;
    request.client = QuotaClientId{next++ % clients};
    request.wants = 1'000 * (next % 977);
    request.sent_at = now;
    benchmark::DoNotOptimize(server.step(now, request));
    now += microseconds{10};
  }
  state.SetItemsProcessed(state.iterations());
}

void max_min(benchmark::State& state) {
  RandomStream random{3, "limit bench shares"};
  std::vector<Demand> demands(static_cast<std::size_t>(state.range(0)));
  for (Demand& demand : demands) {
    demand.wants = random.below(1'000'000);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(max_min_shares(demands.size() * 300'000, demands));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

const Rate rate = Rate::per_second(kRate);
constexpr Duration kWindow = milliseconds{10};
BENCHMARK_CAPTURE(limiter, token_bucket, TokenBucket{rate, 100, Instant{}});
BENCHMARK_CAPTURE(limiter, gcra, Gcra{rate, 100, Instant{}});
BENCHMARK_CAPTURE(limiter, pacer, Pacer{rate, milliseconds{1}, Instant{}});
BENCHMARK_CAPTURE(limiter, fixed_window, FixedWindow{1'000, kWindow});
BENCHMARK_CAPTURE(limiter, sliding_counter, SlidingCounter{1'000, kWindow});
BENCHMARK_CAPTURE(limiter, sliding_log, SlidingLog{1'000, kWindow});
BENCHMARK_CAPTURE(limiter, nginx_limit_req,
                  NginxLimitReq{{.rate_thousandths = kRate * 1'000, .burst = 100}});
BENCHMARK_CAPTURE(limiter, sentinel_qps, SentinelQps{static_cast<double>(kRate)});
BENCHMARK_CAPTURE(limiter, sentinel_warm_up, SentinelWarmUp{{.count = static_cast<double>(kRate)}});
BENCHMARK(keyed)->ArgNames({"keys", "room"})->Args({1'000, 10'000})->Args({100'000, 10'000});
BENCHMARK(hierarchical);
BENCHMARK(quota_client);
BENCHMARK(quota_server)->Arg(10)->Arg(1'000);
BENCHMARK(max_min)->Arg(10)->Arg(1'000);

}  // namespace
}  // namespace windtunnel::limit
