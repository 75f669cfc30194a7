// From the settings of a route policy to the components that they mean: the one place that knows
// which policy name is which class.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/balance/balancer.hpp"
#include "models/breaker/breaker.hpp"
#include "models/health/outlier_options.hpp"
#include "models/proxy/route_policy.hpp"
#include "models/retry/retry_budget.hpp"
#include "models/retry/retry_policy.hpp"

namespace windtunnel::proxy {

/// A factory of single policies of the kind. What they share over snapshots lives as long as the
/// factory.
[[nodiscard]] balance::PolicyFactory policy_factory_of(const BalanceSettings& settings);

/// What endpoints of a service with versions are labelled with.
inline constexpr std::string_view kVersionLabel = "version";
/// A subset for each version. A request for a version that has no endpoint finds nobody; one that
/// asks for none may go to all.
[[nodiscard]] balance::SubsetOptions subsets_by_version();

/// `zone` is the proxy's own. Without locality settings endpoints have one priority.
[[nodiscard]] balance::BalancerOptions balancer_options_of(
    const BalanceSettings& settings, const std::optional<LocalitySettings>& locality,
    const std::string& zone);

/// Gives each endpoint its priority, as seen from `zone`. Where nobody is of that zone there is one
/// priority.
void set_priorities(std::vector<balance::Endpoint>& endpoints, const std::string& zone);

[[nodiscard]] breaker::BreakerOptions breaker_options_of(const BreakerSettings& settings);

[[nodiscard]] health::OutlierOptions outlier_options_of(const OutlierSettings& settings);

/// Without settings: one attempt.
[[nodiscard]] retry::RetryOptions retry_options_of(const std::optional<RetrySettings>& settings,
                                                   Duration attempt_timeout);

/// Null where retries are not limited over requests.
[[nodiscard]] std::unique_ptr<retry::Budget> retry_budget_of(
    const std::optional<RetrySettings>& settings, const std::optional<RetryQuotaSettings>& quota);

}  // namespace windtunnel::proxy
