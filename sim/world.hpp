// A world: one virtual-time run of hosts on a network. It is a value without globals; worlds run
// side by side on threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <boost/asio/execution_context.hpp>

#include "runtime/random.hpp"
#include "sim/alarm_pool.hpp"
#include "sim/digest.hpp"
#include "sim/fact_log.hpp"
#include "sim/network.hpp"
#include "sim/scheduler.hpp"
#include "sim/simulated_host.hpp"
#include "sim/topology.hpp"

namespace windtunnel::sim {

struct WorldOptions {
  std::uint64_t seed = 0;
  NetworkOptions network{};
  SchedulerOptions scheduler{};
  FactMemory facts = FactMemory::all;
  /// What wall clocks without offset read at true time zero: 2020-01-01T00:00:00Z.
  WallInstant wall_epoch{std::chrono::seconds{1'577'836'800}};
};

class World {
 public:
  /// One host per host of the topology, in its order; `host_options` has one entry for each, or one
  /// for all.
  World(WorldOptions options, Topology topology, const std::vector<HostOptions>& host_options);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  [[nodiscard]] TrueInstant now() const { return scheduler_.now(); }
  [[nodiscard]] std::uint64_t seed() const { return options_.seed; }
  [[nodiscard]] WallInstant wall_epoch() const { return options_.wall_epoch; }

  [[nodiscard]] std::size_t host_count() const { return hosts_.size(); }
  [[nodiscard]] SimulatedHost& host(HostId id) { return *hosts_[id.value()]; }

  [[nodiscard]] Scheduler& scheduler() { return scheduler_; }
  [[nodiscard]] AlarmPool& alarm_pool() { return alarm_pool_; }
  [[nodiscard]] Network& network() { return network_; }
  [[nodiscard]] FactLog& facts() { return facts_; }
  [[nodiscard]] Digest& digest() { return digest_; }
  [[nodiscard]] asio::execution_context& execution_context() { return execution_context_; }

  /// The run's stream of randomness for `purpose`.
  [[nodiscard]] RandomStream random(std::string_view purpose) const {
    return RandomStream{options_.seed, purpose};
  }

  /// Runs everything due up to and including `end`. Throws what components throw, and Livelock.
  void run_until(TrueInstant end);

  /// Adds an event to the digest, at the present instant.
  void trace(HostId host, EventKind kind, std::uint32_t subject, std::uint32_t type,
             std::uint64_t content) {
    digest_.add({nanoseconds_of(now()), host.value(), kind, subject, type, content});
  }

  void record(HostId host, const TypeDescription& type, const void* fact);

 private:
  WorldOptions options_;
  asio::execution_context execution_context_;
  Scheduler scheduler_;
  AlarmPool alarm_pool_;
  Digest digest_;
  FactLog facts_;
  Network network_;
  std::vector<std::unique_ptr<SimulatedHost>> hosts_;
};

}  // namespace windtunnel::sim
