// HAProxy 2.6's `balance random(draws)` (src/backend.c get_server_rnd over src/lb_chash.c): each
// draw is a random point on the consistent hashing ring, and of the servers drawn the one with the
// fewest active requests for its weight takes the request.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/policy.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

struct HaproxyRandomSpec {
  std::uint32_t draws = 2;
};

/// Draws may fall on the same server twice. A server's share of the draws is its share of the ring,
/// where it has 16 points for each unit of weight: near its weight's share, not equal to it. A draw
/// costs O(log p) for p points.
class HaproxyRandom final : public Policy {
 public:
  HaproxyRandom(HaproxyRandomSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;

  /// The server nearest to `hash` on the ring, as a slot. Precondition: there is one.
  [[nodiscard]] Slot nearest(std::uint32_t hash) const { return ring_[nearest_point(hash)].slot; }

 private:
  struct Point {
    std::uint32_t key = 0;
    Slot slot = 0;
  };

  [[nodiscard]] std::size_t nearest_point(std::uint32_t hash) const;
  [[nodiscard]] Slot draw(const PickRequest& request);
  [[nodiscard]] bool is_more_loaded(Slot left, Slot right) const;

  HaproxyRandomSpec spec_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  RandomStream random_;
  std::vector<Point> ring_;
};

}  // namespace windtunnel::balance
