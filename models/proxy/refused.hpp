// Why a proxy did not let a request or an attempt through.
#pragma once

#include <cstdint>

namespace windtunnel::proxy {

enum class Refused : std::uint8_t {
  rate_limit,
  concurrency,
  breaker,
  no_endpoint,
  throttle,
  adaptive_concurrency,
  quota,
  admission,
  hierarchical_limit,
};

}  // namespace windtunnel::proxy
