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

[[nodiscard]] Load read_load(const Node& node, const HostDirectory& hosts);

/// Looks up the names in a target; true where there was nothing to complain about.
bool check_names(const Node& node, const Target& target, const HostDirectory& hosts);

/// `duration` is that of the run; all strikes fall within it.
[[nodiscard]] std::vector<TimelineEntry> read_timeline(const Node& node, const HostDirectory& hosts,
                                                       Duration duration);

/// Reads one entry's fault with what modifies it; id and times are read_timeline's business. Absent
/// where there is no fault.
[[nodiscard]] std::optional<Fault> read_fault(const Block& block, const HostDirectory& hosts);

/// The one key of `block` that names a fault; empty where there is none or more than one.
[[nodiscard]] std::string_view fault_key(const Block& block);

[[nodiscard]] Expectation read_expectation(const Node& node,
                                           const std::vector<TimelineEntry>& timeline);

[[nodiscard]] RecoveryOptions read_recovery(const Node& node);

}  // namespace windtunnel::chaos
