// Route policies as configuration documents, and what a proxy makes of a set of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "models/config/document.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::proxy {

/// "routes/checkout/payment"; "*" is any caller.
[[nodiscard]] std::string document_name_of(const RoutePolicy& policy);

[[nodiscard]] SharedBytes document_content_of(const RoutePolicy& policy);

/// Nothing where the content is no policy, or one that no route could be made of: the reason is in
/// `why_not`.
[[nodiscard]] std::optional<RoutePolicy> policy_of(const config::Document& document,
                                                   std::string& why_not);

/// Whether the document is about routes at all.
[[nodiscard]] bool is_route_document(std::string_view name);

}  // namespace windtunnel::proxy
