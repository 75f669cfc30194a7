// What a live host's transport states in the journal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "live/greeting.hpp"

namespace windtunnel::live {

/// A peer sent what is no frame, or a frame out of place; its connection was closed.
struct BadFrame {
  static constexpr std::string_view kWireName = "live.bad_frame";
  std::string remote;
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(BadFrame, (), (remote, reason))

struct PeerConnected {
  static constexpr std::string_view kWireName = "live.peer_connected";
  HostId peer{};
  SessionId session{};
};
BOOST_DESCRIBE_STRUCT(PeerConnected, (), (peer, session))

/// What was queued for the peer's process is dropped, and calls to it have failed.
struct PeerLost {
  static constexpr std::string_view kWireName = "live.peer_lost";
  HostId peer{};
  std::string reason;
};
BOOST_DESCRIBE_STRUCT(PeerLost, (), (peer, reason))

}  // namespace windtunnel::live
