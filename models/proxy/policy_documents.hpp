// Route policies as configuration documents, and what a proxy makes of a set of them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "models/config/document.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::proxy {

/// "routes/checkout/payment"; "*" is any caller.
[[nodiscard]] std::string document_name_of(const RoutePolicy& policy);
[[nodiscard]] std::string document_name_of(std::string_view caller, std::string_view callee);

/// The two ends of a route, out of the name of its document.
struct RouteName {
  std::string_view caller;
  std::string_view callee;
};
/// Nothing where the document is none of a route.
[[nodiscard]] std::optional<RouteName> route_name_of(std::string_view document);

[[nodiscard]] SharedBytes document_content_of(const RoutePolicy& policy);

/// Nothing where the content is no policy, or one that no route could be made of: the reason is in
/// `why_not`.
[[nodiscard]] std::optional<RoutePolicy> policy_of(const config::Document& document,
                                                   std::string& why_not);

/// Why a proxy must not take the update, be it only for a route of others; nothing where it may.
[[nodiscard]] std::optional<std::string> flaw_of(const config::Update& update);

using Documents = std::map<std::string, config::Document, std::less<>>;

/// The policy of a route among documents without flaw.
[[nodiscard]] std::optional<RoutePolicy> policy_in(const Documents& documents,
                                                   std::string_view caller,
                                                   std::string_view callee);

}  // namespace windtunnel::proxy
