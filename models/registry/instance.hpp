// One instance of a service, as it describes itself, and where the registry keeps it in the
// replicated store: a key under its service that hangs on a lease.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::registry {

struct Label {
  std::string name;
  std::string value;
  friend bool operator==(const Label&, const Label&) = default;
};
BOOST_DESCRIBE_STRUCT(Label, (), (name, value))

struct Instance {
  std::string service;  ///< Without a slash.
  std::string id;       ///< Unique within the service; the same after a restart.
  HostId host{};
  std::string zone;
  std::string version;
  std::vector<Label> labels;
  /// It disappears when it has not been heard of for so long, and not earlier.
  Duration ttl = std::chrono::seconds{10};
  friend bool operator==(const Instance&, const Instance&) = default;
};
BOOST_DESCRIBE_STRUCT(Instance, (), (service, id, host, zone, version, labels, ttl))

inline constexpr std::string_view kRegistryPrefix = "registry/";

/// What the keys of all instances of a service begin with.
[[nodiscard]] inline std::string prefix_of(std::string_view service) {
  std::string prefix{kRegistryPrefix};
  prefix += service;
  prefix += '/';
  return prefix;
}

[[nodiscard]] inline std::string key_of(const Instance& instance) {
  return prefix_of(instance.service) + instance.id;
}

}  // namespace windtunnel::registry
