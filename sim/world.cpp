#include "sim/world.hpp"

#include <xxhash.h>

#include "runtime/check.hpp"

namespace windtunnel::sim {

World::World(WorldOptions options, Topology topology, const std::vector<HostOptions>& host_options)
    : options_(options),
      scheduler_(options.scheduler),
      facts_(options.facts),
      network_(*this, std::move(topology), options.network) {
  const std::size_t count = network_.topology().host_count();
  check(host_options.size() == count || host_options.size() == 1,
        "host options: one for each host, or one for all");
  for (std::size_t i = 0; i < count; ++i) {
    const HostId id{static_cast<std::uint32_t>(i)};
    hosts_.push_back(
        std::make_unique<SimulatedHost>(*this, id, network_.topology().host_name(id),
                                        host_options[host_options.size() == 1 ? 0 : i]));
  }
  if (count > 0) {
    Alarm& idle = alarm_pool_.add();
    idle.host = hosts_.front().get();
    scheduler_.set_prefetch(&SimulatedHost::prefetch_alarm, &idle);
  }
}

World::~World() {
  // Processes end before anything they use; their coroutines may still send on the way out.
  for (const auto& host : hosts_) {
    host->lose_power();
  }
}

void World::run_until(TrueInstant end) {
  scheduler_.run_until(end);
}

void World::record(HostId host, const TypeDescription& type, const void* fact) {
  const FreshFact fresh{now(), host, &type, fact};
  const Fact stored = facts_.append(fresh);
  trace(host, EventKind::fact_recorded, 0, type.id,
        XXH3_64bits(stored.encoded.data(), stored.encoded.size()));
  facts_.announce(fresh);
}

}  // namespace windtunnel::sim
