// Settings of a bulkhead: how many of a caller's requests are under way at once, and how many may
// wait for that (Envoy's max_requests and max_pending_requests), and for how long (Resilience4j's
// maxWaitDuration). Values only.
#pragma once

#include <cstdint>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

struct BulkheadSettings {
  std::uint32_t concurrency = 0;
  std::uint32_t queue = 1024;  ///< Requests that wait; Envoy's default.
  Duration max_wait = std::chrono::milliseconds{100};

  friend bool operator==(const BulkheadSettings&, const BulkheadSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(BulkheadSettings, (), (concurrency, queue, max_wait))

}  // namespace windtunnel::proxy
