// The virtual address that instances of a service share by VRRP: the values, how they are read from
// a scenario, and how a plan prints them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/scenario_reader.hpp"
#include "models/health/vrrp.hpp"
#include "runtime/id.hpp"

namespace windtunnel::chaos {

struct RouterPriority {
  HostId host;
  std::uint8_t priority = 100;  ///< 255: the owner.
  friend bool operator==(const RouterPriority&, const RouterPriority&) = default;
};

struct VirtualAddressSettings {
  std::vector<RouterPriority> priorities;  ///< Of every instance, ascending by host.
  Duration advertisement = std::chrono::seconds{1};
  std::uint32_t version = 3;
  bool preempts = true;
  friend bool operator==(const VirtualAddressSettings&, const VirtualAddressSettings&) = default;
};

/// Of the router on a host; `router` tells addresses apart.
[[nodiscard]] health::VrrpOptions vrrp_options_of(const VirtualAddressSettings& settings,
                                                  HostId host, std::uint8_t router);

/// `instances` are the service's hosts, ascending.
[[nodiscard]] VirtualAddressSettings read_virtual_address(const Node& node,
                                                          const HostDirectory& hosts,
                                                          const std::vector<HostId>& instances);
[[nodiscard]] Json virtual_address_json(const VirtualAddressSettings& settings,
                                        const std::vector<std::string>& host_names);

}  // namespace windtunnel::chaos
