// What the registry's clients state about themselves and about what they see.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

namespace windtunnel::registry {

struct InstanceRegistered {
  static constexpr std::string_view kWireName = "registry.instance_registered";
  std::string service;
  std::string instance;
  bool again = false;  ///< After its lease was lost.
};
BOOST_DESCRIBE_STRUCT(InstanceRegistered, (), (service, instance, again))

/// A watcher learned of an instance, or that its description changed.
struct InstanceSeen {
  static constexpr std::string_view kWireName = "registry.instance_seen";
  std::string service;
  std::string instance;
  std::uint64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(InstanceSeen, (), (service, instance, revision))

/// A watcher learned that an instance is gone.
struct InstanceGone {
  static constexpr std::string_view kWireName = "registry.instance_gone";
  std::string service;
  std::string instance;
};
BOOST_DESCRIBE_STRUCT(InstanceGone, (), (service, instance))

}  // namespace windtunnel::registry
