#include "chaos/run/world_of_plan.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "models/kv/node.hpp"
#include "models/kv/workload.hpp"

namespace windtunnel::chaos {

namespace {

/// A client host: all loads that start from it.
class LoadProgram final : public Program {
 public:
  LoadProgram(Host& host, const std::vector<kv::WorkloadOptions>& loads) {
    for (const kv::WorkloadOptions& load : loads) {
      workloads_.push_back(std::make_unique<kv::Workload>(host, load));
    }
  }

 private:
  std::vector<std::unique_ptr<kv::Workload>> workloads_;
};

/// A host that only stands there, and can be struck.
class IdleProgram final : public Program {};

sim::LinkQuality quality_of(const LinkSettings& link) {
  sim::LinkQuality quality;
  quality.latency = link.latency;
  quality.bits_per_second = link.bandwidth ? link.bandwidth->bits_per_second : 0;
  quality.loss = link.loss;
  return quality;
}

sim::Topology topology_of(const Plan& plan) {
  std::vector<std::string> zones;
  std::vector<std::string> regions;
  for (const PlannedZone& zone : plan.zones) {
    zones.push_back(zone.name);
    regions.push_back(zone.region);
  }
  const sim::TopologyQuality quality{quality_of(plan.network.zone), quality_of(plan.network.region),
                                     quality_of(plan.network.wan)};
  sim::Topology topology = sim::Topology::of_zones(zones, regions, quality);
  for (const PlannedHost& host : plan.hosts) {
    const auto zone = std::find(zones.begin(), zones.end(), host.zone);
    topology.add_host(host.name, static_cast<std::size_t>(zone - zones.begin()));
  }
  return topology;
}

std::vector<sim::HostOptions> host_options_of(const Plan& plan) {
  std::vector<sim::HostOptions> all;
  for (const PlannedHost& host : plan.hosts) {
    sim::HostOptions options;
    options.clock.wall_offset = host.clock.offset;
    options.clock.drift_ppb = host.clock.drift.parts_per_billion;
    options.cores = host.cores;
    options.message_cost = host.message_cost;
    options.disk.sync = plan.control_plane.raft.fsync;
    all.push_back(std::move(options));
  }
  return all;
}

kv::NodeOptions node_options_of(const ControlPlane& control_plane) {
  kv::NodeOptions options;
  const RaftSettings& raft = control_plane.raft;
  options.raft.voters = control_plane.members;
  options.raft.tick = raft.tick;
  options.raft.heartbeat_ticks = raft.heartbeat_ticks;
  options.raft.election_ticks = raft.election_ticks;
  options.raft.pre_vote = raft.pre_vote;
  options.raft.check_quorum = raft.check_quorum;
  options.raft.max_entries_per_append = raft.max_entries_per_append;
  options.raft.max_bytes_per_append = raft.max_bytes_per_append.bytes;
  return options;
}

std::vector<kv::WorkloadOptions> workloads_of(const Plan& plan, HostId host) {
  std::vector<kv::WorkloadOptions> workloads;
  for (std::size_t i = 0; i < plan.loads.size(); ++i) {
    const Load& load = plan.loads[i];
    if (std::find(load.from.begin(), load.from.end(), host) == load.from.end()) {
      continue;
    }
    kv::WorkloadOptions options;
    options.load = static_cast<std::uint32_t>(i);
    options.rate_per_second = static_cast<double>(load.rate.events) * 1e9 /
                              static_cast<double>(load.rate.per.count()) /
                              static_cast<double>(load.from.size());
    options.arrivals =
        load.arrivals == Arrivals::poisson ? kv::Arrivals::poisson : kv::Arrivals::constant;
    options.reads = load.reads;
    options.value_bytes = static_cast<std::size_t>(load.value_size.bytes);
    options.lasts = plan.duration;
    options.client.nodes = plan.control_plane.members;
    options.client.timeout = load.timeout;
    options.client.deadline = load.deadline;
    options.client.attempts_max = load.retry.attempts;
    options.client.backoff = load.retry.backoff;
    options.client.backoff_max = load.retry.backoff_max;
    workloads.push_back(std::move(options));
  }
  return workloads;
}

Boot boot_of(const Plan& plan, HostId host) {
  const auto& members = plan.control_plane.members;
  if (std::find(members.begin(), members.end(), host) != members.end()) {
    return [options = node_options_of(plan.control_plane)](Host& h) {
      return std::make_unique<kv::Node>(h, options);
    };
  }
  if (runs_load(plan, host)) {
    return [loads = workloads_of(plan, host)](Host& h) {
      return std::make_unique<LoadProgram>(h, loads);
    };
  }
  return [](Host&) { return std::make_unique<IdleProgram>(); };
}

}  // namespace

bool runs_load(const Plan& plan, HostId host) {
  return std::any_of(plan.loads.begin(), plan.loads.end(), [&](const Load& load) {
    return std::find(load.from.begin(), load.from.end(), host) != load.from.end();
  });
}

std::unique_ptr<sim::World> world_of(const Plan& plan) {
  sim::WorldOptions options;
  options.seed = plan.seed;
  // The collector keeps what measures need; a mistake of our own is described by the latest.
  options.facts = sim::FactMemory::recent;
  options.network.encode_messages = plan.encode_messages;
  options.network.loopback = plan.network.loopback;
  auto world = std::make_unique<sim::World>(options, topology_of(plan), host_options_of(plan));
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    world->host(host).install(boot_of(plan, host));
  }
  return world;
}

}  // namespace windtunnel::chaos
