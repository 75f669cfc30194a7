// nginx 1.22's `least_conn` (src/http/modules/ngx_http_upstream_least_conn_module.c): the fewest
// active requests for its weight; among equals, smooth weighted round robin between those only.
#pragma once

#include <optional>
#include <vector>

#include "models/balance/nginx_peer.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// A pick costs O(n), as in nginx: loads change behind the policy's back, and whoever ties with the
/// best gains smooth weight.
class NginxLeastConn final : public Policy {
 public:
  NginxLeastConn(NginxSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;
  void observe(Instant now, const AttemptResult& result) override;
  [[nodiscard]] bool learns() const override { return true; }

 private:
  [[nodiscard]] bool is_considered(Slot slot, NginxSeconds now, const PickRequest& request) const;
  /// Fewer active requests for its weight: below zero where `left` has, zero where they are equal.
  [[nodiscard]] std::int64_t compare(Slot left, Slot right) const;
  [[nodiscard]] Slot smoothest_of_equals(Slot first, NginxSeconds now, const PickRequest& request);

  NginxSpec spec_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  std::vector<NginxPeer> peers_;
};

}  // namespace windtunnel::balance
