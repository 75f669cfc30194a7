// How the zone of an endpoint bears on its share of the requests. Values only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace windtunnel::proxy {

/// `failover`: the own zone is the first priority and all others are the second, so load leaves the
/// zone as its endpoints fall ill, by Envoy's arithmetic of priorities. `weighted`: zones take
/// turns by weights, wherever the proxy stands, and each by less as its endpoints fall ill.
enum class LocalityKind : std::uint8_t { failover, weighted };
BOOST_DESCRIBE_ENUM(LocalityKind, failover, weighted)

struct ZoneWeight {
  std::string zone;
  std::uint32_t weight = 1;

  friend bool operator==(const ZoneWeight&, const ZoneWeight&) = default;
};
BOOST_DESCRIBE_STRUCT(ZoneWeight, (), (zone, weight))

struct LocalitySettings {
  LocalityKind kind = LocalityKind::failover;
  /// Spare capacity: with 140, the zone carries its whole load until fewer than 1/1.4 of its
  /// endpoints are well.
  std::uint32_t overprovisioning_percent = 140;
  /// Of `weighted`, by zone; one without a weight takes nothing. They travel among the
  /// LaterPolicyAdditions.
  std::vector<ZoneWeight> weights{};

  friend bool operator==(const LocalitySettings&, const LocalitySettings&) = default;
};
BOOST_DESCRIBE_STRUCT(LocalitySettings, (), (kind, overprovisioning_percent))

}  // namespace windtunnel::proxy
