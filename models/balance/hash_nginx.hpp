// nginx's plain `hash KEY`, compatible with Cache::Memcached: CRC-32 modulo the total weight.
// Adding a server moves most keys; a server that is down moves only its own. Follows nginx 1.22.1,
// ngx_http_upstream_hash_module.c.
#pragma once

#include <optional>

#include "models/balance/hash_nginx_peers.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// nginx's directive has no settings.
struct NginxHashSpec {};

class NginxHash final : public Policy {
 public:
  NginxHash(const NginxHashSpec& spec, const PolicyInput& input);

  /// While the choice is down or tried, the key is hashed again with the number of the attempt
  /// before it and added to the hash so far; after 20 such steps, and without a key, nginx's round
  /// robin. Needs the key itself: a request's hash is not looked at. O(log size), the round robin
  /// O(size).
  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

 private:
  NginxHashPeers peers_;
};

}  // namespace windtunnel::balance
