// How the requests to one service divide among its versions, whoever calls it. A document of its
// own beside the route policies, so that whoever moves a rollout's weight and whoever edits a
// timeout do not overwrite each other (as the TrafficSplit of SMI, and Gateway API's weights apart
// from its policies).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

#include "models/config/document.hpp"
#include "models/proxy/policy_documents.hpp"
#include "models/proxy/route_policy.hpp"

namespace windtunnel::proxy {

/// `request`: each request draws. `key`: equal request keys (the same user) get the same version.
enum class SplitBy : std::uint8_t { request, key };
BOOST_DESCRIBE_ENUM(SplitBy, request, key)

struct VersionShare {
  std::uint32_t version = 1;
  PartsPerBillion share = 0;
  friend bool operator==(const VersionShare&, const VersionShare&) = default;
};
BOOST_DESCRIBE_STRUCT(VersionShare, (), (version, share))

struct TrafficSplit {
  static constexpr std::string_view kWireName = "proxy.traffic_split";
  std::string service{};
  SplitBy by = SplitBy::request;
  std::vector<VersionShare> shares{};  ///< By version, ascending; the whole in sum.
  friend bool operator==(const TrafficSplit&, const TrafficSplit&) = default;
};
BOOST_DESCRIBE_STRUCT(TrafficSplit, (), (service, by, shares))

/// Zero where the split does not name the version.
[[nodiscard]] PartsPerBillion share_of(const TrafficSplit& split, std::uint32_t version);

/// "splits/checkout".
[[nodiscard]] std::string split_document_name(std::string_view service);
[[nodiscard]] bool is_split_name(std::string_view document);
[[nodiscard]] SharedBytes split_document_content(const TrafficSplit& split);

/// Nothing where the content is no split that can be followed: the reason is in `why_not`.
[[nodiscard]] std::optional<TrafficSplit> split_of(const config::Document& document,
                                                   std::string& why_not);

/// Why a proxy must not take the update for one of its splits; nothing where it may.
[[nodiscard]] std::optional<std::string> split_flaw_of(const config::Update& update);

/// The split of a service among documents without flaw.
[[nodiscard]] std::optional<TrafficSplit> split_in(const Documents& documents,
                                                   std::string_view service);

}  // namespace windtunnel::proxy
