// What hash policies read from a request.
#pragma once

#include <cstdint>

#include "models/balance/policy.hpp"
#include "models/balance/xx_hash.hpp"

namespace windtunnel::balance {

/// Where a request falls under Envoy's and gRPC's rule: by the hash it brings, else by XXH64 of its
/// key (what Envoy's header hash policy does), else anywhere.
[[nodiscard]] inline std::uint64_t xx_position(const PickRequest& request, RandomStream& random) {
  if (request.hash) {
    return *request.hash;
  }
  return request.key.empty() ? random.next() : xx_hash64(request.key);
}

}  // namespace windtunnel::balance
