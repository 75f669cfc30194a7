// Pieces of a plan's JSON that more than one file writes. Internal to plan_json.
#pragma once

#include <string>
#include <vector>

#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/source.hpp"

namespace windtunnel::chaos {

[[nodiscard]] Json distribution_json(const DurationDistribution& distribution);

/// Hosts as a target: "cp-a | cp-b".
[[nodiscard]] std::string hosts_text(const std::vector<HostId>& hosts, const Plan& plan);

[[nodiscard]] Json load_json(const Load& load, const Plan& plan);

/// Adds what a service's station and its calls are like.
void add_station(Json& json, const PlannedService& service);

/// The `services` object.
[[nodiscard]] Json services_json(const Plan& plan);

/// A `policies` object, every setting written out; an absent component is null.
[[nodiscard]] Json policies_json(const std::vector<proxy::RoutePolicy>& policies);
/// By service, every version's share written out.
[[nodiscard]] Json splits_json(const std::vector<proxy::TrafficSplit>& splits);
[[nodiscard]] Json canary_json(const rollout::RolloutSpec& spec);

/// Precondition: the plan has replicas.
[[nodiscard]] Json replication_json(const Plan& plan);
[[nodiscard]] Json identity_json(const IdentitySettings& identity);
[[nodiscard]] Json gate_json(const GateSettings& gate);
[[nodiscard]] Json bundle_json(const BundleChange& change);
[[nodiscard]] Json rotation_json(const identity::RotationSpec& spec);

/// From hedges to retry quotas: those that stand in files of their own. An absent one is null.
[[nodiscard]] Json further_components_json(const proxy::RoutePolicy& policy);

}  // namespace windtunnel::chaos
