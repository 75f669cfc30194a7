// The world of one swarm: who runs in it, what they observed, and when faults ended.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "models/kv/mirror.hpp"
#include "models/kv/node.hpp"
#include "tests/models/kv/swarm.hpp"
#include "tests/sim/small_world.hpp"

namespace windtunnel::kv {

using namespace std::chrono_literals;
using sim::SmallWorld;

constexpr std::uint32_t kNodes = 3;
constexpr std::uint32_t kClients = 4;
constexpr Duration kFaultsEnd = 40s;
constexpr Duration kEnd = 70s;
constexpr Duration kTtl = 3s;
/// A keep-alive sent into a cut is retransmitted after 0.2, 0.4, 0.8, ... seconds: out of a chain
/// of cuts of up to 12 s it arrives so long after the last one, and renews the lease then.
constexpr Duration kLongestRetransmission = 12'800ms;

/// Everything that one key went through, as a comparable value.
using Seen = std::tuple<std::uint64_t, EventKind, std::string, std::string>;

struct Increment {
  std::string tag;
  Outcome outcome = Outcome::failed;
  ChangeOutcome change = ChangeOutcome::done;
};

struct LeaseRecord {
  std::string key;
  Duration acknowledged_at{};  ///< When the last acknowledged renewal was sent.
  Duration last_sent_at{};
  bool is_written = false;
};

struct Swarm {
  explicit Swarm(std::uint64_t s)
      : seed(s),
        random(s, "kv_swarm"),
        is_compacting(s % 2 == 1),
        world({.hosts = kNodes + kClients, .world = {.seed = s}}) {}

  std::uint64_t seed;
  RandomStream random;
  bool is_compacting;  ///< A short history: mirrors must list anew.
  SmallWorld world;
  std::vector<HostId> nodes{HostId{0}, HostId{1}, HostId{2}};

  std::vector<Seen> watched;
  WatchClient* watches = nullptr;
  Mirror* mirror = nullptr;
  std::vector<Increment> increments;
  std::vector<LeaseRecord> leases;
  std::map<std::string, Duration>
      deleted_at;  ///< When a key's deletion was first applied anywhere.
  std::vector<Duration> fault_ends;

  [[nodiscard]] ClientOptions client_options() const {
    ClientOptions options;
    options.nodes = nodes;
    return options;
  }
};

/// Each names the first promise found broken, and adds to the tally.
[[nodiscard]] std::optional<std::string> check_watches(Swarm& swarm, SwarmTally& tally);
[[nodiscard]] std::optional<std::string> check_increments(Swarm& swarm, SwarmTally& tally);
[[nodiscard]] std::optional<std::string> check_leases(Swarm& swarm, SwarmTally& tally);

}  // namespace windtunnel::kv
