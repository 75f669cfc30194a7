// What members of a gossiping group, and routers of a virtual address, state about each other and
// themselves.
#pragma once

#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "runtime/id.hpp"

namespace windtunnel::health {

/// The member that states it takes another for dead, or for gone by its own word.
struct MemberFoundDead {
  static constexpr std::string_view kWireName = "health.member_found_dead";
  HostId member{};
  HostId from{};  ///< On whose word.
};
BOOST_DESCRIBE_STRUCT(MemberFoundDead, (), (member, from))

/// ... and takes it for alive again.
struct MemberFoundAlive {
  static constexpr std::string_view kWireName = "health.member_found_alive";
  HostId member{};
};
BOOST_DESCRIBE_STRUCT(MemberFoundAlive, (), (member))

/// The host that states it holds a virtual address from now on, whoever else does.
struct AddressTaken {
  static constexpr std::string_view kWireName = "health.address_taken";
  std::string address;
};
BOOST_DESCRIBE_STRUCT(AddressTaken, (), (address))

struct AddressYielded {
  static constexpr std::string_view kWireName = "health.address_yielded";
  std::string address;
};
BOOST_DESCRIBE_STRUCT(AddressYielded, (), (address))

}  // namespace windtunnel::health
