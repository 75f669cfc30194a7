// One set of endpoints with its priorities: sends each request to a priority and, within it, to a
// zone or to everybody.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/balance/policy.hpp"
#include "models/balance/priority_level.hpp"
#include "models/balance/priority_load.hpp"
#include "models/balance/zone_routing.hpp"

namespace windtunnel::balance {

/// `use_all` balances over everybody, healthy or not; `fail` answers with nobody, which sheds load
/// where everybody together would fall over (Envoy's `fail_traffic_on_panic`).
enum class PanicMode : std::uint8_t { use_all, fail };

/// Whether a priority's health is the share of its hosts or of their weight.
enum class HealthBasis : std::uint8_t { hosts, weight };

/// Of one zone at one priority. Zones without a weight take nothing.
struct LocalityWeight {
  std::string zone;
  std::uint32_t priority = 0;
  std::uint32_t weight = 1;
};

/// By the control plane's weights, or by the proxy's own reckoning; not both.
struct LocalityOptions {
  std::optional<ZoneAwareOptions> zone_aware{};
  std::optional<std::vector<LocalityWeight>> weights{};
};

struct PrioritySetOptions {
  PriorityOptions priority{};
  PanicMode panic = PanicMode::use_all;
  HealthBasis health_basis = HealthBasis::hosts;
  LocalityOptions locality{};
};

/// How picks came about, since the beginning.
struct PickCounts {
  std::uint64_t sticky = 0;
  std::uint64_t in_panic = 0;    ///< Among everybody, or refused for the panic.
  std::uint64_t local_zone = 0;  ///< Routed by zone, and kept in the proxy's own.
  std::uint64_t other_zone = 0;  ///< Routed by zone to another.
  std::uint64_t nobody = 0;      ///< No endpoint was found.
};

class PrioritySet {
 public:
  /// Envoy's limit (`LocalityLbEndpoints.priority`).
  static constexpr std::uint32_t kPriorityMax = 128;

  /// `options` outlives the set. Policies are made but for levels that are like those of
  /// `previous`, where there is one: theirs are to come with adopt() before the first pick.
  PrioritySet(const PrioritySetOptions& options, std::vector<Endpoint> endpoints,
              const LocalCluster& local, const PolicyWorkshop& workshop,
              const PrioritySet* previous);

  /// Takes over what has not changed since `previous`, the same as was given to the constructor: it
  /// serves no more.
  void adopt(PrioritySet& previous);

  /// `place` decides on the priority; see choose_priority().
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request,
                                               std::uint64_t place, RandomStream& random,
                                               PickCounts& counts);

  /// The proxies have changed: zones are weighed anew, policies stay.
  void weigh_zones(const LocalCluster& local);

  [[nodiscard]] std::span<const PriorityLoad> loads() const { return loads_; }
  [[nodiscard]] const ZoneRouting& zone_routing() const { return zone_routing_; }

  /// Every policy with the endpoints it chooses among.
  template <typename Visit>
  void for_each_policy(Visit&& visit) const {
    for (const PriorityLevel& level : levels_) {
      level.for_each_policy(visit);
    }
  }

 private:
  void lay_out(std::vector<Endpoint> endpoints);
  void equip(PriorityLevel& level, std::uint32_t priority, const PolicyWorkshop& workshop);

  [[nodiscard]] Policy* choose_policy(const PriorityChoice& choice, RandomStream& random,
                                      PickCounts& counts);
  [[nodiscard]] bool is_routed_by_zone(const PriorityChoice& choice, RandomStream& random) const;
  [[nodiscard]] std::size_t choose_zone(RandomStream& random, PickCounts& counts) const;

  const PrioritySetOptions& options_;
  std::vector<PriorityLevel> levels_;
  std::vector<PriorityLoad> loads_;
  std::vector<std::size_t> unchanged_;  ///< Levels that await adopt().
  ZoneRouting zone_routing_;            ///< Of priority 0; no other is routed by zone.
  /// Proxies that believe themselves ill do not know how traffic is spread over zones.
  bool is_local_cluster_in_panic_ = false;
};

}  // namespace windtunnel::balance
