// Whether callers keep to the level that a service says it admits. Values only.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>

#include "runtime/instant.hpp"

namespace windtunnel::proxy {

struct RouteAdmissionSettings {
  /// How long a level that an endpoint told is believed when it tells no other.
  Duration keep = std::chrono::seconds{1};
  /// How many other endpoints a request is tried with, where the one that was chosen would refuse
  /// it. Travels among the LaterPolicyAdditions.
  std::uint32_t others = 0;

  friend bool operator==(const RouteAdmissionSettings&, const RouteAdmissionSettings&) = default;
};
BOOST_DESCRIBE_STRUCT(RouteAdmissionSettings, (), (keep))

}  // namespace windtunnel::proxy
