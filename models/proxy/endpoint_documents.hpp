// Instances of services as configuration documents: one for each, so that a change brings one
// instance and not all that the service has. Envoy's EDS sends all endpoints of a cluster whenever
// one changes; its LEDS divides them as here.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/config/document.hpp"
#include "models/registry/instance.hpp"

namespace windtunnel::proxy {

/// What the registry keeps below "registry/" stands below "endpoints/" for proxies.
inline constexpr config::Feed kEndpointFeed{registry::kRegistryPrefix, "endpoints/"};

/// What the names of all endpoints of a service begin with: "endpoints/checkout/".
[[nodiscard]] std::string endpoint_prefix_of(std::string_view service);

/// A name "endpoints/checkout/web-1" in its parts; nothing where it is no endpoint's.
struct EndpointName {
  std::string_view service;
  std::string_view instance;
};
[[nodiscard]] std::optional<EndpointName> endpoint_name_of(std::string_view document);

/// Why a proxy must not take the update for one of its endpoints; nothing where it may.
[[nodiscard]] std::optional<std::string> endpoint_flaw_of(const config::Update& update);

}  // namespace windtunnel::proxy
