// What a proxy does for a service that has too much to do: a limit of attempts under way that
// follows their latency, and attempts turned down while the service turns them down. Values only.
#pragma once

#include <cstdint>
#include <optional>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/proxy/parts_per_billion.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::proxy {

/// The first three are Netflix's, the last is Envoy's.
enum class AdaptiveKind : std::uint8_t { gradient2, vegas, aimd, envoy_gradient };
BOOST_DESCRIBE_ENUM(AdaptiveKind, gradient2, vegas, aimd, envoy_gradient)

/// An absent setting is that of the product.
struct AdaptiveConcurrencySettings {
  AdaptiveKind kind = AdaptiveKind::gradient2;
  std::optional<std::uint32_t> initial{};  ///< Not of envoy_gradient, which measures first.
  std::optional<std::uint32_t> minimum{};  ///< Of gradient2 and envoy_gradient.
  std::optional<std::uint32_t> maximum{};  ///< Not of aimd.
  std::optional<Duration> window{};        ///< What one sample gathers; not of aimd.

  friend bool operator==(const AdaptiveConcurrencySettings&,
                         const AdaptiveConcurrencySettings&) = default;
};
BOOST_DESCRIBE_STRUCT(AdaptiveConcurrencySettings, (), (kind, initial, minimum, maximum, window))

enum class ThrottleKind : std::uint8_t { sre, envoy_admission_control };
BOOST_DESCRIBE_ENUM(ThrottleKind, sre, envoy_admission_control)

inline constexpr double kThrottleKMax = 1'000;

struct ThrottleSettings {
  ThrottleKind kind = ThrottleKind::sre;
  double k = 2;  ///< Of sre: attempts for each that the service accepts.
  /// Of envoy_admission_control: attempts are turned down while fewer than this succeed.
  PartsPerBillion success_ratio = 950'000'000;
  std::optional<Duration> window{};  ///< What is remembered: 2 min for sre, 30 s for the other.

  friend bool operator==(const ThrottleSettings&, const ThrottleSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(ThrottleSettings, (), (kind, k, success_ratio, window))

}  // namespace windtunnel::proxy
