// nginx 1.22's `random` and `random two least_conn`
// (src/http/modules/ngx_http_upstream_random_module.c): draws in proportion to weights.
#pragma once

#include <cstdint>
#include <optional>

#include "models/balance/nginx_peers.hpp"
#include "models/balance/policy.hpp"
#include "models/balance/weighted_draw.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

enum class NginxRandomMode : std::uint8_t {
  one,            ///< `random`
  two_least_conn  ///< `random two least_conn`: of two different peers, the less loaded for its
                  ///< weight; of equals, the second drawn.
};

struct NginxRandomSpec {
  NginxSpec server{};
  NginxRandomMode mode = NginxRandomMode::two_least_conn;
};

/// Draws of a tried peer, of one left alone and of the same peer twice are thrown away; after 20 of
/// them nginx falls back to its round robin, and so does this. O(1) but for the fallback.
class NginxRandom final : public Policy {
 public:
  NginxRandom(NginxRandomSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;
  void observe(Instant now, const AttemptResult& result) override;
  [[nodiscard]] bool learns() const override { return true; }

 private:
  [[nodiscard]] std::optional<Slot> draw(Instant now, const PickRequest& request);
  [[nodiscard]] bool is_more_loaded(Slot left, Slot right) const;

  NginxRandomMode mode_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  RandomStream random_;
  NginxPeers peers_;
  WeightedDraw weighted_;
};

}  // namespace windtunnel::balance
