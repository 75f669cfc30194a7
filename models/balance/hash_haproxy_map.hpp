// HAProxy's `hash-type map-based`, its default: a table with as many slots as there is weight, and
// a key's hash modulo its size. Even and fast, but a server that comes or goes moves most keys.
// Follows HAProxy 2.6.12, lb_map.c.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/hash_haproxy.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

struct HaproxyMapSpec {
  HaproxyHash hash;
};

/// Weights are divided by their greatest common divisor. Endpoints given as unhealthy count for
/// that divisor, as HAProxy's servers that are down do, and get no slot.
class HaproxyMap final : public Policy {
 public:
  HaproxyMap(const HaproxyMapSpec& spec, const PolicyInput& input);

  /// Looks at no earlier attempt where there is a key, as HAProxy does; without a key slots are
  /// taken in turn, past the last one tried. A request's hash is taken modulo the size in its low
  /// 32 bits. O(1).
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  [[nodiscard]] std::span<const EndpointId> slots() const { return slots_; }

 private:
  [[nodiscard]] EndpointId next_in_turn(const PickRequest& request);

  HaproxyHash hash_;
  std::vector<EndpointId> slots_;
  std::size_t next_ = 0;
};

}  // namespace windtunnel::balance
