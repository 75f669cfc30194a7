// The endpoints of one priority, laid out so that every part a policy may be asked to choose from
// (the healthy, the degraded, each zone's, or all in a panic) is one stretch of one array.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/balance/priority_load.hpp"
#include "models/balance/zone_routing.hpp"

namespace windtunnel::balance {

/// Whether endpoints of one zone stand together. Where zones play no part, the control plane's
/// order is kept within each degree of health.
enum class ZoneLayout : std::uint8_t { ignored, grouped };

/// Immutable; moving it leaves the spans valid.
class HostSet {
 public:
  /// Endpoints of weight 0 are left out: they take nothing new and hold no capacity back.
  HostSet(std::vector<Endpoint> endpoints, ZoneLayout layout, std::string_view local_zone);
  HostSet(HostSet&&) = default;
  HostSet& operator=(HostSet&&) = default;
  HostSet(const HostSet&) = delete;
  HostSet& operator=(const HostSet&) = delete;
  ~HostSet() = default;

  [[nodiscard]] std::span<const Endpoint> healthy() const { return healthy_; }
  [[nodiscard]] std::span<const Endpoint> degraded() const { return degraded_; }
  /// All but the draining ones: in a panic health is not believed, but who drains, drains because
  /// the control plane says so.
  [[nodiscard]] std::span<const Endpoint> believed_in_panic() const { return in_panic_; }
  [[nodiscard]] std::span<const Endpoint> usable(Availability availability) const {
    return availability == Availability::healthy ? healthy_ : degraded_;
  }

  [[nodiscard]] const PriorityHosts& counts() const { return counts_; }
  /// The same endpoints in the same order, down to their labels.
  [[nodiscard]] bool has_same_endpoints(const HostSet& other) const;

  /// Zones with any endpoint, the local one first, then by name; none with ZoneLayout::ignored.
  [[nodiscard]] std::span<const ZoneCapacity> zones() const { return zones_; }
  [[nodiscard]] std::span<const Endpoint> usable_in(std::size_t zone,
                                                    Availability availability) const {
    return availability == Availability::healthy ? zone_parts_[zone].healthy
                                                 : zone_parts_[zone].degraded;
  }

 private:
  struct ZoneParts {
    std::span<const Endpoint> healthy;
    std::span<const Endpoint> degraded;
  };

  void lay_out(ZoneLayout layout, std::string_view local_zone);
  void count();
  void divide_by_zone(std::string_view local_zone);

  std::vector<Endpoint> endpoints_;
  std::span<const Endpoint> healthy_;
  std::span<const Endpoint> degraded_;
  std::span<const Endpoint> in_panic_;
  PriorityHosts counts_;
  std::vector<ZoneCapacity> zones_;
  std::vector<ZoneParts> zone_parts_;
};

}  // namespace windtunnel::balance
