// Whether a chain of certificates is to be trusted: a path to a root that the verifier trusts, and
// every certificate on it valid by the verifier's own wall clock.
//
// The path is OpenSSL's (X509_verify_cert, 3.0): at each step a trusted root is preferred to a
// certificate that was shown, and a valid one to another of the same key; none is taken twice, and
// there is no second try.
#pragma once

#include <string_view>
#include <vector>

#include <boost/describe/enum.hpp>

#include "models/identity/certificate.hpp"

namespace windtunnel::identity {

/// Why a peer is refused. The first two are states of the verifier's own, or of a peer's, host.
enum class Flaw : std::uint8_t {
  none,
  no_certificate,  ///< Nothing was shown.
  unknown_issuer,  ///< No path to a trusted root.
  not_yet_valid,
  expired,
  wrong_identity,  ///< A good certificate, of somebody else.
};
BOOST_DESCRIBE_ENUM(Flaw, none, no_certificate, unknown_issuer, not_yet_valid, expired,
                    wrong_identity)

/// Of the path: `unknown_issuer` before anything about time, and then the flaw closest to the leaf.
[[nodiscard]] Flaw flaw_of(const Chain& chain, const std::vector<Certificate>& roots,
                           WallInstant now);

/// The same, and the name is that of whom one wanted to speak to. "spiffe://cluster.local/" means
/// anybody in that trust domain.
[[nodiscard]] Flaw flaw_of(const Chain& chain, const std::vector<Certificate>& roots,
                           WallInstant now, std::string_view wanted);

/// "spiffe://cluster.local/checkout".
[[nodiscard]] std::string spiffe_id(std::string_view trust_domain, std::string_view workload);

}  // namespace windtunnel::identity
