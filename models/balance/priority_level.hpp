// The endpoints of one priority with the policies that choose among them. Which of them a request
// gets is the PrioritySet's decision.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/host_set.hpp"
#include "models/balance/locality_scheduler.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/priority_load.hpp"

namespace windtunnel::balance {

/// Makes the policy that chooses within one part. A policy may keep the views it is given: they
/// outlive it.
using PolicyFactory = std::function<std::unique_ptr<Policy>(const PolicyInput&)>;

/// What making policies needs besides the endpoints. `loads` outlives them; `random` gives each
/// policy a stream of its own.
struct PolicyWorkshop {
  const PolicyFactory& make;
  const EndpointLoads& loads;
  RandomStream& random;
  Instant now{};
};

/// Which parts of a level load can reach. Only those get a policy: a hash ring costs memory and
/// time.
struct LevelReach {
  bool healthy = false;
  bool degraded = false;
  bool in_panic = false;
  friend bool operator==(const LevelReach&, const LevelReach&) = default;
};

/// Movable; policies and their views stay where they are.
class PriorityLevel {
 public:
  PriorityLevel(HostSet hosts, LevelReach reach) : hosts_(std::move(hosts)), reach_(reach) {}

  /// Called once, before any use of policies.
  void make_policies(const PolicyWorkshop& workshop);
  /// Zones take turns by weight, one for each of hosts().zones().
  void make_turns(std::span<const std::uint32_t> weights, std::uint32_t overprovisioning_percent,
                  RandomStream& random);

  /// Whether this level would get the same policies over the same endpoints as `other`.
  [[nodiscard]] bool is_like(const PriorityLevel& other) const {
    return reach_ == other.reach_ && hosts_.has_same_endpoints(other.hosts_);
  }

  [[nodiscard]] const HostSet& hosts() const { return hosts_; }

  /// Null where there is nobody to choose among, or what load cannot reach.
  [[nodiscard]] Policy* in_panic() const { return in_panic_; }
  [[nodiscard]] Policy* whole(Availability availability) const { return whole_.of(availability); }
  [[nodiscard]] Policy* in_zone(std::size_t zone, Availability availability) const {
    return zones_[zone].of(availability);
  }
  /// The zone whose turn it is; nothing where none has any weight.
  [[nodiscard]] std::optional<std::size_t> take_turn(Availability availability);

  /// Every policy with the endpoints it chooses among.
  template <typename Visit>
  void for_each_policy(Visit&& visit) const {
    for (const Part& part : parts_) {
      visit(part.endpoints, *part.policy);
    }
  }

 private:
  struct Part {
    std::span<const Endpoint> endpoints;
    std::unique_ptr<Policy> policy;
  };
  struct PolicyPair {
    Policy* healthy = nullptr;
    Policy* degraded = nullptr;
    [[nodiscard]] Policy* of(Availability availability) const {
      return availability == Availability::healthy ? healthy : degraded;
    }
  };

  [[nodiscard]] Policy* make_policy(std::span<const Endpoint> endpoints,
                                    const PolicyWorkshop& workshop);
  [[nodiscard]] PolicyPair make_pair(std::span<const Endpoint> healthy,
                                     std::span<const Endpoint> degraded,
                                     const PolicyWorkshop& workshop);
  [[nodiscard]] LocalityScheduler turns_for(Availability availability,
                                            std::span<const std::uint32_t> weights,
                                            std::uint32_t overprovisioning_percent,
                                            std::uint64_t turns_ahead) const;

  HostSet hosts_;
  LevelReach reach_;
  std::vector<Part> parts_;
  Policy* in_panic_ = nullptr;
  PolicyPair whole_;
  std::vector<PolicyPair> zones_;
  LocalityScheduler healthy_turns_;
  LocalityScheduler degraded_turns_;
};

}  // namespace windtunnel::balance
