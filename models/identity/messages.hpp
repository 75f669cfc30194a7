// What workloads, their peers and the control plane say to each other about certificates.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/identity/certificate.hpp"
#include "models/identity/rotation.hpp"
#include "models/identity/trust.hpp"
#include "models/identity/verify.hpp"

namespace windtunnel::identity {

/// Asks for a certificate. Whether the asker is who it says is not looked into.
struct SigningRequest {
  static constexpr std::string_view kWireName = "identity.signing_request";
  std::string workload;  ///< Its host's name.
  std::string subject;
  KeyId key{};
  /// Nobody answered the last one, and this comes on a connection of its own.
  bool is_repeated = false;
};
BOOST_DESCRIBE_STRUCT(SigningRequest, (), (workload, subject, key, is_repeated))

/// A certificate and whom to trust, as they belong together: a workload that has just started holds
/// no older list of roots than its peers' certificates ask for.
struct Signed {
  Certificate certificate;
  Trust trust;
  std::uint64_t trust_revision = 0;  ///< 0: as it was at first.
};
BOOST_DESCRIBE_STRUCT(Signed, (), (certificate, trust, trust_revision))

struct SigningResponse {
  static constexpr std::string_view kWireName = "identity.signing_response";
  std::optional<Signed> granted;  ///< Absent: ask again, or somebody else.
};
BOOST_DESCRIBE_STRUCT(SigningResponse, (), (granted))

/// A workload's word on what it holds, to every node of the control plane.
struct WorkloadReport {
  static constexpr std::string_view kWireName = "identity.workload_report";
  std::string workload;
  WorkloadState state;
};
BOOST_DESCRIBE_STRUCT(WorkloadReport, (), (workload, state))

/// The two flights of a TLS handshake, as far as identities go: each side shows what it has, and
/// judges what it is shown.
struct HandshakeRequest {
  static constexpr std::string_view kWireName = "identity.handshake_request";
  Chain chain;
};
BOOST_DESCRIBE_STRUCT(HandshakeRequest, (), (chain))

struct HandshakeResponse {
  static constexpr std::string_view kWireName = "identity.handshake_response";
  Flaw flaw = Flaw::none;  ///< Of what was shown.
  Chain chain;
};
BOOST_DESCRIBE_STRUCT(HandshakeResponse, (), (flaw, chain))

}  // namespace windtunnel::identity
