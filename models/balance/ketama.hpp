// nginx's `hash KEY consistent`: the ring of Cache::Memcached::Fast, called ketama in nginx's
// manual. 160 points per unit of weight, a key belongs to the first point at or after its CRC-32.
// Follows nginx 1.22.1, ngx_http_upstream_hash_module.c.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "models/balance/hash_nginx_peers.hpp"
#include "models/balance/hash_ring.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

struct KetamaSpec {
  std::uint32_t points_per_weight = 160;
};

/// The points hash CRC-32 over host, a zero byte, port and the point before (4 bytes, little
/// endian), host and port being `address` split at its last colon if digits follow. Of points at
/// one position the first listed server keeps its own.
class Ketama final : public Policy {
 public:
  Ketama(const KetamaSpec& spec, const PolicyInput& input);

  /// The owner of the key's point; while that one is down or tried, of the next point, 20 points
  /// far; then nginx's round robin, which also serves requests without a key. A request's hash is a
  /// position on the ring in its low 32 bits. O(log size), the round robin O(size).
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  [[nodiscard]] const HashRing<std::uint32_t>& ring() const { return ring_; }

 private:
  NginxHashPeers peers_;
  HashRing<std::uint32_t> ring_;
};

}  // namespace windtunnel::balance
