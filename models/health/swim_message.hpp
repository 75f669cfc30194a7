// What SWIM members say to each other. One struct for all types; a field that a type does not name
// below is left at its default. Rumors ride on every message.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/id.hpp"

namespace windtunnel::health {

/// `left` is a death that the member announced itself.
enum class MemberState : std::uint8_t { alive, suspect, dead, left };
BOOST_DESCRIBE_ENUM(MemberState, alive, suspect, dead, left)

/// How often a member has contradicted its death. Only the member itself raises it.
using Incarnation = std::uint32_t;

/// A claim about a member. Of two the higher incarnation wins, and at equal ones death over
/// suspicion over life.
struct Rumor {
  HostId member{};
  MemberState state = MemberState::alive;
  Incarnation incarnation = 0;
  HostId from{};  ///< Who claims it first-hand; passed on unchanged.

  friend bool operator==(const Rumor&, const Rumor&) = default;
};
BOOST_DESCRIBE_STRUCT(Rumor, (), (member, state, incarnation, from))

enum class SwimMessageType : std::uint8_t {
  ping,            ///< sequence, target: whom the sender means to reach.
  indirect_ping,   ///< sequence, target: ping it for me.
  ack,             ///< sequence of the ping.
  nack,            ///< sequence of the indirect ping: no answer, but I am here.
  gossip,          ///< Rumors only.
  exchange,        ///< rumors are all that the sender knows; asks for the same.
  exchange_reply,  ///< rumors are all that the sender knows.
};
BOOST_DESCRIBE_ENUM(SwimMessageType, ping, indirect_ping, ack, nack, gossip, exchange,
                    exchange_reply)

struct SwimMessage {
  static constexpr std::string_view kWireName = "swim.message";

  SwimMessageType type = SwimMessageType::gossip;
  HostId from{};
  HostId to{};
  std::uint32_t sequence = 0;
  HostId target{};
  std::vector<Rumor> rumors{};

  friend bool operator==(const SwimMessage&, const SwimMessage&) = default;
};
BOOST_DESCRIBE_STRUCT(SwimMessage, (), (type, from, to, sequence, target, rumors))

}  // namespace windtunnel::health
