// How workloads get the certificates that they prove their names with. Values only.
#pragma once

#include "models/identity/issuing.hpp"
#include "models/identity/renewal.hpp"
#include "models/proxy/parts_per_billion.hpp"
#include "runtime/instant.hpp"

namespace windtunnel::chaos {

/// The defaults are Istio's.
struct IdentitySettings {
  Duration ttl = std::chrono::hours{24};
  proxy::PartsPerBillion grace_ratio = 500'000'000;
  proxy::PartsPerBillion jitter = 10'000'000;
  Duration backdate = std::chrono::minutes{2};
  Duration backoff = std::chrono::seconds{1};
  Duration backoff_max = std::chrono::seconds{10};
  friend bool operator==(const IdentitySettings&, const IdentitySettings&) = default;
};

[[nodiscard]] identity::IssuingOptions issuing_options_of(const IdentitySettings& settings);
[[nodiscard]] identity::RenewalOptions renewal_options_of(const IdentitySettings& settings);

}  // namespace windtunnel::chaos
