// When a request goes back to the endpoint that a cookie or a header of it names: Envoy's stateful
// session with its override host.
#pragma once

#include <cstdint>

#include "models/balance/endpoint.hpp"

namespace windtunnel::balance {

/// `strict` answers with nobody where the endpoint is gone or unhealthy; `preferred` balances then.
enum class StickyMode : std::uint8_t { preferred, strict };

/// Draining endpoints keep what sticks to them: that is what draining is for. (Envoy leaves it to
/// `override_host_status`, which has `DRAINING` only if it is configured.)
[[nodiscard]] constexpr bool keeps_sticky(EndpointHealth health) {
  return health != EndpointHealth::unhealthy;
}

}  // namespace windtunnel::balance
