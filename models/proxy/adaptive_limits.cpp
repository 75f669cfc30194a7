#include "models/proxy/adaptive_limits.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "models/breaker/aimd_limit.hpp"
#include "models/breaker/envoy_gradient_limit.hpp"
#include "models/breaker/gradient2_limit.hpp"
#include "models/breaker/vegas_limit.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::uint32_t kUnbounded = std::numeric_limits<std::uint32_t>::max();

/// What is set, or else the product's, raised to what stands below it.
std::uint32_t at_least(std::uint32_t below, const std::optional<std::uint32_t>& set,
                       std::uint32_t of_product) {
  return set.value_or(std::max(of_product, below));
}

AdaptiveLimits gradient2_limits(const AdaptiveConcurrencySettings& settings) {
  const breaker::Gradient2LimitOptions product;
  AdaptiveLimits limits;
  limits.minimum = settings.minimum.value_or(product.minimum);
  limits.initial = at_least(limits.minimum, settings.initial, product.initial);
  limits.maximum = at_least(limits.initial, settings.maximum, product.maximum);
  return limits;
}

AdaptiveLimits vegas_limits(const AdaptiveConcurrencySettings& settings) {
  const breaker::VegasLimitOptions product;
  AdaptiveLimits limits;
  limits.initial = settings.initial.value_or(product.initial);
  limits.maximum = at_least(limits.initial, settings.maximum, product.maximum);
  return limits;
}

AdaptiveLimits aimd_limits(const AdaptiveConcurrencySettings& settings) {
  return {.initial = settings.initial.value_or(breaker::AimdLimitOptions{}.initial),
          .maximum = kUnbounded};
}

AdaptiveLimits envoy_gradient_limits(const AdaptiveConcurrencySettings& settings) {
  const breaker::EnvoyGradientLimitOptions product;
  AdaptiveLimits limits;
  limits.minimum = settings.minimum.value_or(product.minimum);
  limits.initial = limits.minimum;
  limits.maximum = at_least(limits.minimum, settings.maximum, product.maximum);
  return limits;
}

}  // namespace

AdaptiveLimits limits_of(const AdaptiveConcurrencySettings& settings) {
  switch (settings.kind) {
    case AdaptiveKind::gradient2:
      return gradient2_limits(settings);
    case AdaptiveKind::vegas:
      return vegas_limits(settings);
    case AdaptiveKind::aimd:
      return aimd_limits(settings);
    case AdaptiveKind::envoy_gradient:
      return envoy_gradient_limits(settings);
  }
  return {};
}

}  // namespace windtunnel::proxy
