// What proxies and the control plane say to each other about global quotas.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/describe/class.hpp>

#include "models/limit/quota_messages.hpp"
#include "runtime/id.hpp"

namespace windtunnel::proxy {

/// A quota is named after the policy that has it: "routes/*/checkout".
struct QuotaAsk {
  static constexpr std::string_view kWireName = "proxy.quota_ask";
  std::string quota;
  limit::QuotaRequest request;
};
BOOST_DESCRIBE_STRUCT(QuotaAsk, (), (quota, request))

struct QuotaAnswer {
  static constexpr std::string_view kWireName = "proxy.quota_answer";
  std::optional<HostId> leader;  ///< Whom to ask instead, where there is no response.
  std::optional<limit::QuotaResponse> response;
};
BOOST_DESCRIBE_STRUCT(QuotaAnswer, (), (leader, response))

}  // namespace windtunnel::proxy
