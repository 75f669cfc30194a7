// A rate that all proxies of a route share. Values only.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

/// What a proxy does that has no lease on its part: lets nothing through, or everything. Only
/// `closed` keeps the sum within the rate.
enum class WithoutLease : std::uint8_t { closed, open };
BOOST_DESCRIBE_ENUM(WithoutLease, closed, open)

struct QuotaSettings {
  std::uint64_t events = 0;  ///< So many requests ...
  Duration per{};            ///< ... in this long, from all proxies together.
  /// What a proxy may let through at once, as the time in which its part brings that in; one
  /// request at least.
  Duration burst = std::chrono::milliseconds{100};
  WithoutLease when_unreachable = WithoutLease::closed;

  friend bool operator==(const QuotaSettings&, const QuotaSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(QuotaSettings, (), (events, per, burst, when_unreachable))

}  // namespace windtunnel::proxy
