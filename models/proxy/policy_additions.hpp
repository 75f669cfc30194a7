// What a RoutePolicy came to have after its documents had their form. It follows the policy in its
// document, and only where something of it is set: a document without it is what it always was.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <boost/describe/class.hpp>

#include "models/proxy/route_policy.hpp"

namespace windtunnel::proxy {

struct PolicyAdditions {
  std::optional<RateLimitForm> rate_limit_form{};  ///< Absent: a token bucket.
  std::optional<BulkheadSettings> bulkhead{};
  std::optional<RouteAdmissionSettings> admission{};
  std::optional<MtlsSettings> mtls{};

  friend bool operator==(const PolicyAdditions&, const PolicyAdditions&) = default;
};
BOOST_DESCRIBE_STRUCT(PolicyAdditions, (), (rate_limit_form, bulkhead, admission, mtls))

[[nodiscard]] PolicyAdditions additions_of(const RoutePolicy& policy);

/// What came later still. It follows the additions, which are there where these are.
struct LaterPolicyAdditions {
  std::optional<HierarchicalLimitSettings> hierarchical_limit{};
  std::vector<ZoneWeight> zone_weights{};
  std::optional<SubsetSettings> subsets{};
  std::uint32_t admission_others = 0;

  friend bool operator==(const LaterPolicyAdditions&, const LaterPolicyAdditions&) = default;
};
BOOST_DESCRIBE_STRUCT(LaterPolicyAdditions, (),
                      (hierarchical_limit, zone_weights, subsets, admission_others))

[[nodiscard]] LaterPolicyAdditions later_additions_of(const RoutePolicy& policy);

/// The encoding of a policy with its additions.
[[nodiscard]] std::string encoded_with_additions(const RoutePolicy& policy);
/// Nothing where the bytes are not what encoded_with_additions() makes of any policy.
[[nodiscard]] std::optional<RoutePolicy> decoded_with_additions(std::string_view bytes);

}  // namespace windtunnel::proxy
