// How the authority makes a workload's certificate, and what it writes down about it. Values only:
// authority.hpp says when.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/identity/certificate.hpp"
#include "runtime/bytes.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::identity {

/// The defaults are Istio's: SECRET_TTL, and ClockSkewGracePeriod of security/pkg/pki/util.
struct IssuingOptions {
  std::string trust_domain = "cluster.local";
  Duration ttl = std::chrono::hours{24};
  /// Certificates are valid from so long before they were made: whose clock is behind the
  /// authority's takes them all the same.
  Duration backdate = std::chrono::minutes{2};
};

/// Valid in [now - backdate, now + ttl).
[[nodiscard]] Certificate make_leaf(std::string subject, KeyId key, KeyId issuer,
                                    std::uint64_t serial, WallInstant now,
                                    const IssuingOptions& options);

/// Who has been given a certificate, by which root, and until when it counts: what stands in the
/// replicated store before anybody is given one.
struct IssuedRecord {
  std::string subject;
  KeyId issuer{};
  WallInstant not_after{};
  friend bool operator==(const IssuedRecord&, const IssuedRecord&) = default;
};
BOOST_DESCRIBE_STRUCT(IssuedRecord, (), (subject, issuer, not_after))

inline constexpr std::string_view kIssuedPrefix = "identity/issued/";

/// By host: a workload that is started again asks under the same name.
[[nodiscard]] std::string issued_key_of(std::string_view workload);
[[nodiscard]] SharedBytes issued_content_of(const IssuedRecord& record);
[[nodiscard]] std::optional<IssuedRecord> issued_of(std::string_view content);

}  // namespace windtunnel::identity
