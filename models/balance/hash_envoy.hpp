// How Envoy picks by a table of hashed hosts, be it a ring or Maglev's: the loop around the table
// that avoids hosts already tried, and the bound on their load. Follows
// ThreadAwareLoadBalancerBase::LoadBalancerImpl::chooseHost of Envoy at 0336fd6
// (thread_aware_lb_impl.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "models/balance/bounded_load_envoy.hpp"
#include "models/balance/hash_hosts.hpp"
#include "models/balance/hash_request.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// What both of Envoy's hash policies can be told.
struct EnvoyHashOptions {
  /// Envoy's `hash_balance_factor` in percent; 0 is no bound, sensible ones are 125 to 200.
  std::uint32_t balance_factor = 0;
  /// Envoy's `host_selection_retry_max_attempts`: how often a pick that fell to a host in
  /// PickRequest::tried is made again; the last one stands. Envoy's default; Istio sets 5.
  std::uint32_t selection_retries_max = 1;
};

/// `Table` chooses a host's index by hash and by the number of the selection:
/// `std::size_t choose(std::uint64_t hash, std::uint32_t selection) const`.
template <typename Table>
class EnvoyHashPolicy : public Policy {
 public:
  [[nodiscard]] std::optional<EndpointId> pick(Instant /*now*/,
                                               const PickRequest& request) override {
    if (endpoints_.empty()) {
      return std::nullopt;
    }
    const std::uint64_t hash = xx_position(request, random_);
    EndpointId chosen{};
    for (std::uint32_t selection = 0; selection <= retries_max_; ++selection) {
      chosen = endpoints_[bound_.choose(table_.choose(hash, selection), hash, loads_)];
      if (!was_tried(request, chosen)) {
        break;
      }
    }
    return chosen;
  }

  [[nodiscard]] const Table& table() const { return table_; }

 protected:
  /// `table` chooses among `hosts`.
  EnvoyHashPolicy(Table table, const std::vector<HashHost>& hosts, const EnvoyHashOptions& options,
                  const PolicyInput& input)
      : table_(std::move(table)),
        bound_(hosts, options.balance_factor),
        loads_(input.loads),
        random_(input.random),
        retries_max_(options.selection_retries_max) {
    endpoints_.reserve(hosts.size());
    for (const HashHost& host : hosts) {
      endpoints_.push_back(host.endpoint);
    }
  }

 private:
  Table table_;
  EnvoyLoadBound bound_;
  std::vector<EndpointId> endpoints_;
  const EndpointLoads& loads_;
  RandomStream random_;
  std::uint32_t retries_max_;
};

}  // namespace windtunnel::balance
