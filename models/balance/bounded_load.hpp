// Consistent hashing with bounded loads, with the bound as published (Mirrokni, Thorup,
// Zadimoghaddam, "Consistent hashing with bounded loads", SODA 2018, arXiv 1608.01350), weighted,
// and exact: no placement ever exceeds it. The products that implement the idea round it away:
// Envoy lets a host have one request more than its slots, and both Envoy and HAProxy raise small
// hosts to one slot.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/hash_ring.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

struct BoundedLoadSpec {
  /// c of the paper in percent: how far above its share of the load an endpoint may be; above 100.
  /// The less room, the further keys spill (theorem 1: O(1/(c-1)^2) endpoints expected).
  std::uint32_t load_percent_max = 125;
  /// Places on the ring. Their number does not depend on the other endpoints, so that one that goes
  /// moves its own keys alone.
  std::uint32_t places_per_weight = 160;
};

/// With m requests under way from this chooser, the one being placed included, the endpoint that
/// takes it has at most ceil(c · m · weight / total weight) afterwards. So the bound holds for
/// every endpoint while requests only arrive; when many have ended, an endpoint can be left above
/// it, and then takes nothing. m counts requests on endpoints outside this set too, which only
/// widens the bound. A pick reserves nothing: the caller tells EndpointLoads before it picks again.
class BoundedLoad final : public Policy {
 public:
  BoundedLoad(const BoundedLoadSpec& spec, const PolicyInput& input);

  /// The first endpoint from the key's place on that has room and was not tried; if all with room
  /// were tried, the first of these. There is always one, because the bounds add up to at least m.
  /// O(1) expected plus the places passed.
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  /// How many requests the endpoint may have under way after the next placement. Precondition: it
  /// is one of this set.
  [[nodiscard]] std::uint64_t bound(EndpointId endpoint) const;

 private:
  struct Host {
    EndpointId endpoint{};
    std::uint32_t weight = 0;
  };

  std::uint32_t load_percent_max_;
  const EndpointLoads& loads_;
  RandomStream random_;
  std::vector<Host> hosts_;
  std::uint64_t total_weight_ = 0;
  HashRing<std::uint64_t> ring_;
};

}  // namespace windtunnel::balance
