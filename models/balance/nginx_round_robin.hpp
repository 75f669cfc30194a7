// nginx 1.22's default balancing (src/http/ngx_http_upstream_round_robin.c): smooth weighted round
// robin with passive failure detection. Left out: backup servers, max_conns, slow_start (which only
// the commercial product has).
#pragma once

#include <optional>

#include "models/balance/nginx_peers.hpp"
#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// Weights 5, 1, 1 give a a b a c a a. Every chooser starts at the first peer, as every nginx
/// worker does after a reload: many of them herd. The cost of a pick is that of NginxPeers::pick.
class NginxRoundRobin final : public Policy {
 public:
  NginxRoundRobin(NginxSpec spec, const PolicyInput& input)
      : candidates_(input.endpoints), peers_(spec, candidates_) {}

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;
  void observe(Instant now, const AttemptResult& result) override;
  [[nodiscard]] bool learns() const override { return true; }

  [[nodiscard]] const NginxPeers& peers() const { return peers_; }

 private:
  Candidates candidates_;
  NginxPeers peers_;
};

}  // namespace windtunnel::balance
