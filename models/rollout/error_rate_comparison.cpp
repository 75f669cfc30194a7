#include "models/rollout/error_rate_comparison.hpp"

#include <algorithm>
#include <array>

#include "runtime/portable_math.hpp"

namespace windtunnel::rollout {

namespace {

// By how much the canary's rate is supposed to be higher.
constexpr std::array kEffects{0.001, 0.003, 0.01, 0.03, 0.1, 0.3};

/// log p(outcomes | rate) − log p(outcomes | reference).
double gain(const Tally& tally, double rate, double reference) {
  const auto errors = static_cast<double>(tally.errors);
  const auto others = static_cast<double>(tally.attempts - tally.errors);
  const double of_errors = errors == 0 ? 0 : errors * portable_log(rate / reference);
  return of_errors + (others == 0 ? 0 : others * portable_log((1 - rate) / (1 - reference)));
}

double gain(const Tally& stable, const Tally& canary, double rate, double effect) {
  // A rate of 1 would make a single success the end of it.
  constexpr double kHighest = 0.999;
  const double worse = std::max(rate, std::min(rate + effect, kHighest));
  const auto of_stable = static_cast<double>(stable.attempts);
  const auto of_canary = static_cast<double>(canary.attempts);
  const double common = (of_stable * rate + of_canary * worse) / (of_stable + of_canary);
  return gain(stable, rate, common) + gain(canary, worse, common);
}

/// The stable version's rate as known so far, never 0 or 1 (Krichevsky and Trofimov 1981).
double rate_of(const Tally& tally) {
  return (static_cast<double>(tally.errors) + 0.5) / (static_cast<double>(tally.attempts) + 1);
}

}  // namespace

void observe(ErrorRateComparison& comparison, const Tally& stable, const Tally& canary) {
  // Where one side is missing, the factor is 1.
  if (stable.attempts > 0 && canary.attempts > 0) {
    const double rate = rate_of(comparison.stable);
    std::array<double, kEffects.size()> gains{};
    std::transform(kEffects.begin(), kEffects.end(), gains.begin(),
                   [&](double effect) { return gain(stable, canary, rate, effect); });
    add_to(comparison.evidence, gains);
  }
  comparison.stable += stable;
  comparison.canary += canary;
}

}  // namespace windtunnel::rollout
