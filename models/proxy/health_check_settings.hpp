// How a proxy finds out by itself which endpoints answer. Values only.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>

#include "models/proxy/parts_per_billion.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::proxy {

struct HealthCheckSettings {
  Duration interval = std::chrono::seconds{5};
  Duration timeout = std::chrono::seconds{1};
  std::uint32_t unhealthy = 3;           ///< Failures in a row that take an endpoint out.
  std::uint32_t healthy = 2;             ///< Successes in a row that bring it back.
  PartsPerBillion jitter = 100'000'000;  ///< By what share of itself an interval may be longer.

  friend bool operator==(const HealthCheckSettings&, const HealthCheckSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(HealthCheckSettings, (), (interval, timeout, unhealthy, healthy, jitter))

}  // namespace windtunnel::proxy
