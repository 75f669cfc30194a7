// What is stated about certificates: those that come and run out, handshakes (one for each
// connection, not for each request), and the steps of a rotation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/identity/rotation.hpp"
#include "models/identity/verify.hpp"
#include "runtime/id.hpp"

namespace windtunnel::identity {

/// This workload proves its name with this certificate from now on.
struct CertificateInstalled {
  static constexpr std::string_view kWireName = "identity.certificate_installed";
  KeyId issuer{};
  std::uint64_t serial = 0;
  Duration left{};  ///< Until it runs out, by this host's wall clock.
};
BOOST_DESCRIBE_STRUCT(CertificateInstalled, (), (issuer, serial, left))

/// It has run out, by this host's wall clock, and there is no other.
struct CertificateExpired {
  static constexpr std::string_view kWireName = "identity.certificate_expired";
  std::uint64_t serial = 0;
};
BOOST_DESCRIBE_STRUCT(CertificateExpired, (), (serial))

/// A handshake that this host began came to an end. `own`: what the peer had against this host's
/// chain; `peer`: what this host had against the peer's. A peer that did not answer is no fact.
struct HandshakeEnded {
  static constexpr std::string_view kWireName = "identity.handshake_ended";
  HostId server{};
  Flaw own = Flaw::none;
  Flaw peer = Flaw::none;
};
BOOST_DESCRIBE_STRUCT(HandshakeEnded, (), (server, own, peer))

/// A controller has written down that this step is done, or, for the first time, that there is
/// something to do. The new root's key tells rotations apart.
struct RotationMoved {
  static constexpr std::string_view kWireName = "identity.rotation_moved";
  KeyId new_root{};
  std::uint32_t finished = 0;
  std::uint32_t steps = 0;
};
BOOST_DESCRIBE_STRUCT(RotationMoved, (), (new_root, finished, steps))

}  // namespace windtunnel::identity
