#include "chaos/run/replication_of_plan.hpp"

#include <algorithm>

namespace windtunnel::chaos {

namespace {

replica::NodeOptions node_options_of(const Replication& replication) {
  replica::NodeOptions options;
  options.replicas = replication.on;
  options.stamps = replication.stamps;
  options.ahead_max = replication.max_ahead;
  options.retry = replication.retry;
  options.hints_max = replication.hints;
  options.repair_every = replication.repair_every;
  options.deletions_kept = replication.deletions_kept;
  return options;
}

replica::WorkloadOptions load_options_of(const ReplicationLoad& load, std::uint32_t number,
                                         std::size_t client) {
  replica::WorkloadOptions options;
  options.load = number;
  options.replica = load.replicas[client];
  options.rate_per_second = static_cast<double>(load.rate.events) * 1e9 /
                            static_cast<double>(load.rate.per.count()) /
                            static_cast<double>(load.from.size());
  options.mix = load.mix;
  options.keys = load.keys;
  options.skew = load.skew;
  options.timeout = load.timeout;
  return options;
}

}  // namespace

ReplicationOfHost::ReplicationOfHost(Host& host, const Plan& plan, const sim::World& world) {
  const Replication& replication = *plan.replication;
  if (std::ranges::binary_search(replication.on, host.id())) {
    node_.emplace(host, node_options_of(replication));
  }
  for (std::uint32_t number = 0; number < replication.loads.size(); ++number) {
    const ReplicationLoad& load = replication.loads[number];
    const auto place = std::ranges::lower_bound(load.from, host.id());
    if (place == load.from.end() || *place != host.id()) {
      continue;
    }
    replica::WorkloadOptions options =
        load_options_of(load, number, static_cast<std::size_t>(place - load.from.begin()));
    // A client that is restarted stops with the others.
    options.lasts = plan.duration - world.now().time_since_epoch();
    loads_.push_back(std::make_unique<replica::Workload>(host, options));
  }
}

}  // namespace windtunnel::chaos
