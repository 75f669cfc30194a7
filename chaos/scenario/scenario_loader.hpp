// The blocks of a scenario, one reading function each. Internal to the loader: callers use
// scenario.hpp.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "chaos/scenario/host_directory.hpp"
#include "chaos/scenario/plan.hpp"
#include "chaos/scenario/scenario_reader.hpp"
#include "chaos/scenario/target.hpp"

namespace windtunnel::chaos {

/// The whole document; problems go to `reading`.
[[nodiscard]] Plan read_scenario(Reading& reading);

/// Fills zones, hosts and network. `node` is the `topology` object.
void read_topology(const Node& node, Plan& plan);

/// Finds the members among `hosts`.
[[nodiscard]] ControlPlane read_control_plane(const Node& node, const HostDirectory& hosts);

/// The `services` object: every service with its hosts, and no service that calls itself in the
/// end.
[[nodiscard]] std::vector<PlannedService> read_services(const Node& node,
                                                        const HostDirectory& hosts);

/// The `versions`, `split` and `split_by` of a service whose other settings have been read.
void read_versions(const Block& block, const HostDirectory& hosts, PlannedService& service);
/// The `labels` of a service whose hosts and versions have been read.
void read_labels(const Block& block, const HostDirectory& hosts, PlannedService& service);
/// Of a timeline entry, by service; each is whole, and names no version that has no host.
[[nodiscard]] std::vector<proxy::TrafficSplit> read_splits(
    const Node& node, const std::vector<PlannedService>& services);

/// Notes a service that is not there, at the value or at the key that names it.
void check_service(const Node& node, const std::string& name,
                   const std::vector<PlannedService>& services);
void check_service_in_key(const Node& node, const std::string& name,
                          const std::vector<PlannedService>& services);

/// An object of policies by route. Each begins as the policy that `known` has for its route, or
/// with the defaults, and replaces it there.
[[nodiscard]] std::vector<proxy::RoutePolicy> read_policies(
    const Node& node, const HostDirectory& hosts, const std::vector<PlannedService>& services,
    std::vector<proxy::RoutePolicy>& known);

/// What a service's station and its calls are like: everything of the block but where it runs.
void read_station(const Block& block, PlannedService& service);

/// How requests of a load on a service arrive, and what they are like.
void read_traffic(const Block& block, Load& load);

[[nodiscard]] Load read_load(const Node& node, const HostDirectory& hosts,
                             const std::vector<PlannedService>& services);

/// The same of a load that only a service can have.
[[nodiscard]] Load read_surge_load(const Node& node, const HostDirectory& hosts,
                                   const std::vector<PlannedService>& services);

/// Hosts that are the same during the whole run; `key` must be there.
[[nodiscard]] std::vector<HostId> read_hosts(const Block& block, std::string_view key,
                                             const HostDirectory& hosts);

/// "10ms..200ms", or one duration for a pause that does not grow.
void read_backoff(const Node& node, Duration& first, Duration& last);

[[nodiscard]] rollout::RolloutSpec read_canary(const Node& node,
                                               const std::vector<PlannedService>& services);

[[nodiscard]] IdentitySettings read_identity(const Node& node);
[[nodiscard]] identity::RotationSpec read_rotation(const Node& node);
[[nodiscard]] GateSettings read_gate(const Node& node);
[[nodiscard]] BundleChange read_bundle_change(const Node& node);
/// An object of any keys.
[[nodiscard]] gate::Document read_gate_document(const Node& node);
/// Of an object of policies: none asks for certificates where nobody signs them.
void check_mtls(const Node& policies, const ControlPlane& control_plane);

/// Looks up the names in a target; true where there was nothing to complain about.
bool check_names(const Node& node, const Target& target, const HostDirectory& hosts);

/// `replication`: at least two hosts, and clients that each have one of them near.
[[nodiscard]] Replication read_replication(const Node& node, const HostDirectory& hosts);

/// `duration` is that of the run; all strikes fall within it.
[[nodiscard]] std::vector<TimelineEntry> read_timeline(const Node& node, const Plan& plan,
                                                       const HostDirectory& hosts);

/// What a timeline entry may refer to. `policies` are those in force before the entry.
struct TimelineContext {
  const HostDirectory& hosts;
  const std::vector<PlannedService>& services;
  std::vector<proxy::RoutePolicy> policies;
  const ControlPlane& control_plane;
};

/// Reads one entry's fault with what modifies it; id and times are read_timeline's business. Absent
/// where there is no fault.
[[nodiscard]] std::optional<Fault> read_fault(const Block& block, TimelineContext& context);

/// The one key of `block` that names a fault; empty where there is none or more than one.
[[nodiscard]] std::string_view fault_key(const Block& block);

[[nodiscard]] Expectation read_expectation(const Node& node,
                                           const std::vector<TimelineEntry>& timeline,
                                           const std::vector<PlannedService>& services);

[[nodiscard]] RecoveryOptions read_recovery(const Node& node);

}  // namespace windtunnel::chaos
