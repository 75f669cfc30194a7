// HAProxy's `hash-type consistent`, with `hash-balance-factor`: a ring of 2^32 on which a server
// stands 16 times per unit of weight, at places hashed from its number alone; a key belongs to the
// nearer of the two places around it. Follows HAProxy 2.6.12, lb_chash.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/hash_haproxy.hpp"
#include "models/balance/hash_ring.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

struct HaproxyRingSpec {
  HaproxyHash hash{HaproxyHashFunction::sdbm, HaproxyHashModifier::avalanche};
  /// `hash-balance-factor`, percent of the mean that a server may have under way; 0 is no bound,
  /// else more than 100.
  std::uint32_t balance_factor = 0;
};

/// A server's number is HAProxy's `id`: EndpointId + 1, what HAProxy gives to servers in the order
/// of their listing. Endpoints given as unhealthy, or of weight 0, are not on the ring.
class HaproxyRing final : public Policy {
 public:
  /// Precondition: weights of at most 256, HAProxy's own limit.
  HaproxyRing(const HaproxyRingSpec& spec, const PolicyInput& input);

  /// Passes by the last one tried, and under a balance factor those without a free slot; where
  /// nobody is left, whoever stands last on the ring. Requests without a key go round the ring in
  /// turn. A request's hash is a place in its low 32 bits. O(1) expected plus the places passed.
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  [[nodiscard]] const HashRing<std::uint32_t>& ring() const { return ring_; }

 private:
  struct Server {
    EndpointId endpoint{};
    std::uint64_t places = 0;
    std::uint64_t places_before = 0;  ///< Of the servers listed before.
  };

  [[nodiscard]] std::size_t nearest(std::uint32_t position) const;
  [[nodiscard]] bool has_free_slot(const Server& server) const;
  [[nodiscard]] EndpointId walk(std::size_t place, const PickRequest& request) const;
  [[nodiscard]] EndpointId next_in_turn(const PickRequest& request);

  HaproxyRingSpec spec_;
  const EndpointLoads& loads_;
  std::vector<Server> servers_;
  HashRing<std::uint32_t> ring_;
  std::optional<std::size_t> last_in_turn_;
};

}  // namespace windtunnel::balance
