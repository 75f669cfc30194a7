// The hosts of a hash policy as Envoy sees them: each with the text that is hashed for it and its
// share of the weight.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "models/balance/endpoint.hpp"

namespace windtunnel::balance {

struct HashHost {
  EndpointId endpoint{};
  std::string_view text;  ///< Hashed for this host.
  double share = 0;       ///< Of the set's weight.
};

/// What is hashed for `endpoint`: its label `hash_key` where it has one (Envoy's metadata
/// `envoy.lb`/`hash_key`), else its address.
[[nodiscard]] std::string_view hash_text_of(const Endpoint& endpoint);

/// Endpoints of some weight in the order given, their shares rounded as Envoy does
/// (thread_aware_lb_impl.cc at 0336fd6). Views into `endpoints`. The sum of weights must fit 32
/// bits, as in Envoy.
[[nodiscard]] std::vector<HashHost> hash_hosts_of(std::span<const Endpoint> endpoints);

}  // namespace windtunnel::balance
