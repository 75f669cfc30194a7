// What the network keeps for each pair of hosts, each message on its way and each condition.
// Private to network.cpp and network_connections.cpp.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "sim/network.hpp"
#include "sim/world.hpp"

namespace windtunnel::sim {

/// Frame header and checksum of the wire format, so that an empty message has a size too.
inline constexpr std::uint32_t kFrameBytes = 20;

/// One message between acceptance and arrival.
struct Network::InFlight {
  Envelope envelope;
  Path* path = nullptr;
  std::uint32_t bytes = 0;
  std::uint32_t to_incarnation = 0;
  std::uint64_t content = 0;
};

struct Network::ActiveCondition {
  Condition condition;
  RandomStream random;
  ConditionImpact impact;
  bool is_active = true;
};

/// An edge that needs work for each message: a varying latency, a bandwidth. One for all paths.
struct Network::CostlyEdge {
  std::uint64_t bits_per_second = 0;
  DurationSampler latency;
  TrueInstant busy_until{};
  std::uint32_t topology_version = 0;
};

/// What all paths along the same costly edges have in common.
struct Network::Journey {
  bool is_possible = false;
  Duration fixed_latency{};
  boost::container::small_vector<CostlyEdge*, 1> costly_edges;  // A journey crosses one, mostly.
  Probability loss;
  Probability duplication;
  Probability reordering;
  Duration reordering_delay{};
};

/// What a path needs only while something is wrong on it.
struct Network::Trouble {
  std::vector<ActiveCondition*> conditions;
  std::vector<InFlight*> backlog;
  Duration retransmit_after{};
  std::uint32_t retransmissions = 0;
  EventId retry;
  EventId reset;
};

/// One direction between two hosts: its journey, the conditions on it, and its one stream
/// connection. Two cache lines, which processors fetch together where they are one pair: in a large
/// world that is what a message costs.
struct alignas(128) Network::Path {
  Path(HostId source, SimulatedHost& target, RandomStream stream)
      : from(source), to(target.id()), peer(target), random(stream) {}

  [[nodiscard]] std::span<ActiveCondition* const> conditions() const {
    return trouble ? std::span<ActiveCondition* const>{trouble->conditions}
                   : std::span<ActiveCondition* const>{};
  }
  [[nodiscard]] bool has_backlog() const { return trouble && !trouble->backlog.empty(); }
  [[nodiscard]] Trouble& in_trouble() {
    if (!trouble) {
      trouble = std::make_unique<Trouble>();
    }
    return *trouble;
  }

  HostId from;
  HostId to;
  SimulatedHost& peer;
  std::uint32_t topology_version = 0;
  std::uint32_t conditions_version = 0;
  const Journey* journey = nullptr;
  Path* back = nullptr;  ///< The other direction, once it was used in answer to this one.
  std::unique_ptr<Trouble> trouble;
  TrueInstant last_arrival{};
  std::uint32_t peer_incarnation = 0;
  bool is_connected = false;
  // The peer refused what was sent, and the sender does not know yet: all that it sends until then
  // is lost.
  bool is_doomed = false;
  RandomStream random;
};

}  // namespace windtunnel::sim
