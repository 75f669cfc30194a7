// Whether a proxy prefers the endpoints of its own zone. Values only.
#pragma once

#include <cstdint>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::proxy {

/// `failover`: the own zone is the first priority and all others are the second, so load leaves the
/// zone as its endpoints fall ill, by Envoy's arithmetic of priorities.
enum class LocalityKind : std::uint8_t { failover };
BOOST_DESCRIBE_ENUM(LocalityKind, failover)

struct LocalitySettings {
  LocalityKind kind = LocalityKind::failover;
  /// Spare capacity: with 140, the zone carries its whole load until fewer than 1/1.4 of its
  /// endpoints are well.
  std::uint32_t overprovisioning_percent = 140;

  friend bool operator==(const LocalitySettings&, const LocalitySettings&) = default;
};
BOOST_DESCRIBE_STRUCT(LocalitySettings, (), (kind, overprovisioning_percent))

}  // namespace windtunnel::proxy
