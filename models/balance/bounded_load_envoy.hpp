// Envoy's `hash_balance_factor`: a host that is far above its share of the requests under way gives
// way to another. Follows thread_aware_lb_impl.cc of Envoy at 0336fd6; the bound that holds exactly
// is in models/balance/bounded_load.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/balance/endpoint.hpp"
#include "models/balance/hash_hosts.hpp"

namespace windtunnel::balance {

/// A host passes while it has no more requests under way than slots, so one more than its slots can
/// be under way after the pick. When it has more, the others are looked at in an order shuffled by
/// the request's hash (Chen, Coleman, Shrivastava: "Revisiting consistent hashing with bounded
/// loads", arXiv 1908.08762), and the least overloaded takes it when all have more.
class EnvoyLoadBound {
 public:
  /// `factor` in percent of the mean; 0 is no bound.
  EnvoyLoadBound(const std::vector<HashHost>& hosts, std::uint32_t factor);

  /// The host that takes what hashes to `hash` and falls to `preferred`. O(1) while hosts pass,
  /// then a seeding of 624 steps and O(hosts looked at).
  [[nodiscard]] std::size_t choose(std::size_t preferred, std::uint64_t hash,
                                   const EndpointLoads& loads);

 private:
  struct Host {
    EndpointId endpoint{};
    double share = 0;
  };

  /// Requests under way by slots; at most 1 passes.
  [[nodiscard]] double overload(std::size_t host, const EndpointLoads& loads) const;
  [[nodiscard]] std::size_t choose_shuffled(std::size_t preferred, std::uint64_t hash,
                                            const EndpointLoads& loads);

  std::uint32_t factor_;
  std::vector<Host> hosts_;
  std::vector<std::uint32_t> order_;    ///< Between picks: 0, 1, 2 ...
  std::vector<std::uint32_t> swapped_;  ///< With which place each place of `order_` was swapped.
};

}  // namespace windtunnel::balance
