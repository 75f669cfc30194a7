// Absolute speed of what stands in front of every call: an admission and, where it was granted, its
// settlement.
#include <cstdint>
#include <memory>

#include <benchmark/benchmark.h>

#include "models/breaker/breaker.hpp"
#include "models/breaker/concurrency_limiter.hpp"
#include "models/breaker/presets.hpp"
#include "models/breaker/sre_throttle.hpp"
#include "models/breaker/vegas_limit.hpp"
#include "models/breaker/windowed_limit.hpp"

namespace windtunnel::bench {
namespace {

using namespace windtunnel::breaker;

constexpr Duration kGap = std::chrono::microseconds{10};

/// One call in a hundred fails: the breaker stays closed.
void closed(benchmark::State& state, const BreakerOptions& options) {
  Breaker breaker{options, RandomStream{1, "bench"}};
  Instant now{};
  std::uint64_t calls = 0;
  for (auto _ : state) {
    now += kGap;
    const Admission admission = breaker.admit(now);
    breaker.settle(now, std::get<Permit>(admission),
                   ++calls % 100 == 0 ? Outcome::failed : Outcome::succeeded);
  }
  state.SetItemsProcessed(state.iterations());
}

void refused(benchmark::State& state) {
  Breaker breaker{resilience4j_2(), RandomStream{1, "bench"}};
  breaker.force(Instant{}, Force::open);
  Instant now{};
  for (auto _ : state) {
    now += kGap;
    benchmark::DoNotOptimize(breaker.admit(now));
  }
  state.SetItemsProcessed(state.iterations());
}

void sre_throttle(benchmark::State& state) {
  SreThrottle throttle{{}, RandomStream{1, "bench"}};
  Instant now{};
  for (auto _ : state) {
    now += kGap;
    if (throttle.admit(now)) {
      throttle.accept(now);
    }
  }
  state.SetItemsProcessed(state.iterations());
}

void vegas(benchmark::State& state) {
  ConcurrencyLimiter limiter{std::make_unique<WindowedLimit>(
      WindowedLimitOptions{},
      std::make_unique<VegasLimit>(VegasLimitOptions{}, RandomStream{1, "bench"}))};
  Instant now{};
  for (auto _ : state) {
    const auto permit = limiter.admit(now);
    now += std::chrono::milliseconds{1};
    limiter.settle(now, *permit, LimitOutcome::succeeded);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(closed, count_window, resilience4j_2());
BENCHMARK_CAPTURE(closed, time_window, hystrix_1_5());
BENCHMARK(refused);
BENCHMARK(sre_throttle);
BENCHMARK(vegas);

}  // namespace
}  // namespace windtunnel::bench
