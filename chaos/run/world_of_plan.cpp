#include "chaos/run/world_of_plan.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "chaos/run/host_program.hpp"

namespace windtunnel::chaos {

namespace {

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

}  // namespace

std::unique_ptr<sim::World> world_of(RunContext& context) {
  const Plan& plan = context.plan;
  sim::WorldOptions options;
  options.seed = plan.seed;
  // The collector keeps what measures need; a mistake of our own is described by the latest.
  options.facts = sim::FactMemory::recent;
  options.network.encode_messages = plan.encode_messages;
  options.network.loopback = plan.network.loopback;
  auto world = std::make_unique<sim::World>(options, topology_of(plan), host_options_of(plan));
  context.world = world.get();
  for (std::size_t i = 0; i < plan.hosts.size(); ++i) {
    const HostId host{static_cast<std::uint32_t>(i)};
    world->host(host).install(boot_of(context));
  }
  return world;
}

}  // namespace windtunnel::chaos
