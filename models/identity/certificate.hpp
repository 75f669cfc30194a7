// Certificates as values: who is named, which key is theirs, which key vouches for it, and for how
// long. There is no cryptography here: a certificate that names an issuer was signed by it, since
// nobody in a model forges one. What is left is what goes wrong in practice: time and trust.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "runtime/id.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::identity {

using KeyId = Id<struct KeyTag, std::uint64_t>;

/// What the key may be used for: to sign other certificates, or to prove one's name with.
enum class Usage : std::uint8_t { workload, authority };
BOOST_DESCRIBE_ENUM(Usage, workload, authority)

/// Valid in [not_before, not_after): OpenSSL, too, takes one to be expired at its last instant.
struct Certificate {
  std::string subject{};  ///< A SPIFFE id: "spiffe://cluster.local/checkout".
  KeyId key{};
  KeyId issuer{};  ///< Its own key: a root.
  std::uint64_t serial = 0;
  WallInstant not_before{};
  WallInstant not_after{};
  Usage usage = Usage::workload;

  [[nodiscard]] bool is_valid_at(WallInstant now) const {
    return not_before <= now && now < not_after;
  }
  friend bool operator==(const Certificate&, const Certificate&) = default;
};
BOOST_DESCRIBE_STRUCT(Certificate, (), (subject, key, issuer, serial, not_before, not_after, usage))

/// What one shows: the own certificate first, then those that may help to find a root.
using Chain = std::vector<Certificate>;

}  // namespace windtunnel::identity
