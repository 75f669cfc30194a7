// How much of its traffic a proxy keeps in its own zone, and where the rest goes, so that zones
// with few endpoints are not overrun: Envoy's zone-aware routing
// (source/extensions/load_balancing_policies/common/load_balancer_impl.cc:
// regenerateLocalityRoutingStructures, calculateLocalityPercentages, tryChooseLocalLocalityHosts;
// its tests at 0d2acde). It assumes that each zone's proxies carry traffic in proportion to their
// number.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/balance/priority_load.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

/// Envoy's `locality_basis`: what a zone's capacity is counted in.
enum class ZoneBasis : std::uint8_t { healthy_hosts, healthy_weight };

struct ZoneAwareOptions {
  std::string local_zone;
  std::uint32_t routing_percent = 100;  ///< Of requests that are routed by zone at all.
  std::uint32_t healthy_hosts_min = 6;  ///< Fewer endpoints are not worth dividing.
  ZoneBasis basis = ZoneBasis::healthy_hosts;
  /// With at least that many healthy endpoints in its own zone, a proxy stays there whatever the
  /// proportions (Envoy's `force_local_zone.min_size`).
  std::optional<std::uint32_t> stay_local_hosts_min{};
};

/// The endpoints of one zone, or the proxies in it.
struct ZoneCapacity {
  std::string zone;
  std::uint32_t hosts = 0;
  std::uint32_t healthy = 0;
  std::uint64_t healthy_weight = 0;
};

/// The proxies that share the work, this one among them.
struct LocalCluster {
  std::vector<ZoneCapacity> zones;
  PriorityHosts hosts;

  [[nodiscard]] static LocalCluster of(std::span<const Endpoint> proxies);
};

class ZoneRouting {
 public:
  enum class Mode : std::uint8_t { off, all_local, residual };

  /// Off: every zone alike.
  ZoneRouting() = default;
  /// `upstream` are the zones with any endpoint, the local one first where it has any.
  ZoneRouting(std::span<const ZoneCapacity> upstream, const LocalCluster& local,
              const ZoneAwareOptions& options);

  [[nodiscard]] Mode mode() const { return mode_; }
  /// In ten-thousandths; of `residual`.
  [[nodiscard]] std::uint64_t local_share() const { return local_share_; }
  /// Running sums over the zones of what they can take from elsewhere; of `residual`.
  [[nodiscard]] std::span<const std::uint64_t> residual_capacity() const {
    return residual_capacity_;
  }

  /// The index of a zone in `upstream`. Precondition: not off. O(log zones), allocates nothing.
  [[nodiscard]] std::size_t choose(RandomStream& random) const;

 private:
  struct Share {
    std::uint64_t local = 0;  ///< Ten-thousandths of the proxies.
    std::uint64_t upstream = 0;
  };
  void divide(std::span<const Share> shares, bool has_local_zone);

  Mode mode_ = Mode::off;
  std::uint64_t local_share_ = 0;
  std::vector<std::uint64_t> residual_capacity_;
};

}  // namespace windtunnel::balance
