// What runs on one host of a plan: a control-plane node, an instance of a service with its proxy,
// the clients of loads, or nothing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaos/measure/record.hpp"
#include "chaos/run/traffic_of_plan.hpp"
#include "chaos/scenario/plan.hpp"
#include "models/kv/node.hpp"
#include "models/proxy/sidecar.hpp"
#include "models/replica/node.hpp"
#include "runtime/host.hpp"
#include "sim/world.hpp"

namespace windtunnel::chaos {

/// What all programs of a run share. Outlives the world.
struct RunContext {
  const Plan& plan;
  RunRecord& record;  ///< Its `services` are those of the plan, in order.
  sim::World* world = nullptr;
  /// The instances of every service, by service.
  std::vector<std::shared_ptr<const proxy::KnownService>> services;
  /// The number of each host's proxy among those of the same caller, by host.
  std::vector<std::uint32_t> proxy_numbers;
};

[[nodiscard]] std::vector<std::shared_ptr<const proxy::KnownService>> known_services_of(
    const Plan& plan);

/// Instances of a service are counted service by service; clients that are no service, together.
[[nodiscard]] std::vector<std::uint32_t> proxy_numbers_of(const Plan& plan);

/// `context` must outlive the host.
[[nodiscard]] Boot boot_of(const RunContext& context);

/// The control-plane node on a host of such a world; null where there is none, or it is down.
[[nodiscard]] const kv::Node* node_on(sim::SimulatedHost& host);

/// The replica on a host of such a world; null likewise.
[[nodiscard]] const replica::Node* replica_on(sim::SimulatedHost& host);

/// Starts one more load on a host of such a world; false where it is down.
bool start_load_on(sim::SimulatedHost& host, const LoadOnHost& own);
/// Hosts whose proxies call the service: those of services that do, and of loads; ascending.
[[nodiscard]] std::vector<HostId> callers_of(const Plan& plan, std::string_view service);

/// The proxies that a change of these policies concerns, ascending; absent where it is all of them,
/// whatever they call, since they find nobody through the registry.
[[nodiscard]] std::optional<std::vector<HostId>> proxies_concerned(
    const Plan& plan, const std::vector<proxy::RoutePolicy>& policies);

/// How many hosts have a proxy.
[[nodiscard]] std::uint64_t proxy_count(const Plan& plan);

/// The hosts that gossip about each other, ascending: those that run or call services, where a plan
/// asks for it.
[[nodiscard]] std::vector<HostId> gossip_members_of(const Plan& plan);

}  // namespace windtunnel::chaos
