#include "models/balance/peak_ewma.hpp"

#include <algorithm>
#include <span>

#include "models/balance/fresh_draw.hpp"

namespace windtunnel::balance {
namespace {

// Finagle's Long.MaxValue >> 16: 39 hours in nanoseconds.
constexpr double kUnknownBusyCost = 140'737'488'355'327.0;

}  // namespace

PeakEwma::PeakEwma(PeakEwmaSpec spec, const PolicyInput& input)
    : spec_(spec), candidates_(input.endpoints), loads_(input.loads), random_(input.random) {
  check(spec.decay > Duration::zero(), "latencies decay over some time");
  for (Slot slot = 0; slot < candidates_.size(); ++slot) {
    if (!history().knows(candidates_.id(slot))) {
      history().learn(candidates_.id(slot), PeakEwmaCost{input.now, spec.initial});
    }
  }
}

std::optional<EndpointId> PeakEwma::pick(Instant now, const PickRequest& request) {
  if (candidates_.empty()) {
    return std::nullopt;
  }
  const auto draw = [this] { return static_cast<Slot>(random_.below(candidates_.size())); };
  const std::optional<Slot> first = draw_fresh(candidates_, request, {}, draw);
  if (!first) {
    return candidates_.id(draw());
  }
  const EndpointId left = candidates_.id(*first);
  const std::optional<Slot> second =
      draw_fresh(candidates_, request, std::span<const Slot>{&*first, 1}, draw);
  if (!second) {
    return left;
  }
  const EndpointId right = candidates_.id(*second);
  return load(left, now) <= load(right, now) ? left : right;
}

void PeakEwma::observe(Instant now, const AttemptResult& result) {
  if (!candidates_.slot_of(result.endpoint)) {
    return;
  }
  const Duration latency =
      result.succeeded ? result.latency : std::max(result.latency, spec_.failure_cost);
  history().cost(result.endpoint).observe(now, latency, spec_.decay);
}

double PeakEwma::load(EndpointId endpoint, Instant now) {
  const double cost = history().cost(endpoint).read(now, spec_.decay);
  const std::uint32_t active = loads_.active(endpoint);
  if (cost == 0 && active != 0) {
    return kUnknownBusyCost + active;
  }
  return cost * (active + 1.0);
}

}  // namespace windtunnel::balance
