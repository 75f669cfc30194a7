// Chooses an endpoint for each request to one service: which part of the endpoints (sticky host,
// subset, priority, locality, panic) is decided here, and who within it by a Policy. What health
// checks and the control plane know comes in as snapshots.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/policy.hpp"
#include "models/balance/priority_set.hpp"
#include "models/balance/sticky_host.hpp"
#include "models/balance/subset_index.hpp"

namespace windtunnel::balance {

/// `by_key` sends equal keys to the same priority, as hash policies need it to send them to the
/// same endpoint.
enum class PriorityDraw : std::uint8_t { at_random, by_key };

struct BalancerOptions {
  PrioritySetOptions priorities{};
  PriorityDraw draw = PriorityDraw::at_random;
  std::optional<SubsetOptions> subsets{};
  StickyMode sticky = StickyMode::preferred;
};

/// What one request says about where it wants to go.
struct BalanceRequest {
  PickRequest pick{};
  std::span<const LabelMatch> subset{};     ///< Sorted by key.
  std::optional<EndpointId> sticky_host{};  ///< Before everything else, subsets too (as in Envoy).
};

class Balancer {
 public:
  Balancer(PolicyFactory make_policy, BalancerOptions options, RandomStream random);
  Balancer(const Balancer&) = delete;
  Balancer& operator=(const Balancer&) = delete;

  /// A new snapshot of the endpoints, each id once. Everything is built beside what is in use, then
  /// put in its place. Loads of requests under way stay, also those of endpoints that are gone.
  /// Policies start anew where the endpoints they choose among have changed in any way, and stay
  /// where a whole priority is as it was. O(endpoints * selectors), and what new policies cost.
  void update(Instant now, std::span<const Endpoint> endpoints);
  /// The proxies that share this work, for routing by zone. Policies stay.
  void update_local_cluster(std::span<const Endpoint> proxies);

  /// Nothing where nobody may be picked. Does not count the pick as load. Costs what the policy's
  /// pick costs plus O(priorities + log zones), and allocates nothing.
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const BalanceRequest& request);
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) {
    return pick(now, BalanceRequest{.pick = request});
  }

  /// An attempt goes out to `endpoint`, or has ended there, in any snapshot since it was known.
  void begin(EndpointId endpoint) { loads_.begin(endpoint); }
  void end(EndpointId endpoint) { loads_.end(endpoint); }
  /// Tells every policy that may pick the endpoint how an attempt there ended; none if it is gone.
  void observe(Instant now, const AttemptResult& result);

  [[nodiscard]] const EndpointLoads& loads() const { return loads_; }
  [[nodiscard]] const PickCounts& counts() const { return counts_; }
  /// The division of load among the priorities of all endpoints; empty before the first update.
  [[nodiscard]] std::span<const PriorityLoad> priority_loads() const;

 private:
  struct Snapshot {
    std::optional<SubsetIndex> subsets;
    std::vector<std::unique_ptr<PrioritySet>> parts;     ///< By the subset index's numbers.
    std::vector<PrioritySet*> predecessors;              ///< In the snapshot before; may be null.
    std::vector<std::optional<EndpointHealth>> healths;  ///< By id.
    /// Policies that learn and may pick endpoint i: observers[observers_from[i]] to
    /// observers[observers_from[i + 1]].
    std::vector<std::uint32_t> observers_from;
    std::vector<Policy*> observers;
  };

  [[nodiscard]] Snapshot build(Instant now, std::span<const Endpoint> endpoints);
  void add_part(Snapshot& snapshot, Instant now, std::vector<Endpoint> members);
  /// What stood for the same labels in the snapshot in use; null if nothing did.
  [[nodiscard]] PrioritySet* predecessor_of(const Snapshot& snapshot, std::size_t part) const;
  static void index_observers(Snapshot& snapshot);
  [[nodiscard]] std::optional<EndpointId> balance(Instant now, const BalanceRequest& request);
  [[nodiscard]] bool may_stick_to(EndpointId endpoint) const;
  [[nodiscard]] std::uint64_t place_of(const PickRequest& request);

  PolicyFactory make_policy_;
  BalancerOptions options_;
  RandomStream random_;
  EndpointLoads loads_;
  std::size_t ids_known_ = 0;
  LocalCluster local_;
  Snapshot snapshot_;  ///< After the loads and options that it looks at.
  PickCounts counts_;
};

}  // namespace windtunnel::balance
