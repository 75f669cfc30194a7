// What everybody in a trust domain is told: the roots to trust, and the one that signs at present.
// One configuration document, so that both change at one revision; proxies take the roots from it,
// the authority whom to sign for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/config/document.hpp"
#include "models/identity/certificate.hpp"
#include "runtime/bytes.hpp"

namespace windtunnel::identity {

struct Trust {
  std::vector<Certificate> roots;
  KeyId issuer{};
  friend bool operator==(const Trust&, const Trust&) = default;
};
BOOST_DESCRIBE_STRUCT(Trust, (), (roots, issuer))

inline constexpr std::string_view kTrustDocument = "identity/trust";

[[nodiscard]] const Certificate* find_root(const Trust& trust, KeyId key);

/// A root of that number, valid for ten years from a little before `now`.
[[nodiscard]] Certificate make_root(KeyId key, std::string_view trust_domain, WallInstant now,
                                    Duration backdate);
/// Before anybody has rotated anything: one root, which signs, and which counts at all times.
[[nodiscard]] Trust first_trust(std::string_view trust_domain);

[[nodiscard]] SharedBytes trust_content_of(const Trust& trust);
/// Nothing where the bytes are no trust. One without a root is: whoever holds it trusts nobody.
[[nodiscard]] std::optional<Trust> trust_of(std::string_view content);
/// Why an update cannot be taken; what was trusted before is trusted on.
[[nodiscard]] std::optional<std::string> trust_flaw_of(const config::Update& update);

}  // namespace windtunnel::identity
