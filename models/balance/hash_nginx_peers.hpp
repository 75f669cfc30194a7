// The servers of one nginx upstream as its hash methods see them, and the round robin that they
// fall back on. Follows nginx 1.22.1, ngx_http_upstream_round_robin.c. Leaves out what nginx learns
// by itself (`max_fails`, `max_conns`, backups): outlier detection and limits live elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// How many fruitless steps nginx's hash methods make before they turn to round robin.
inline constexpr std::uint32_t kNginxHashTriesMax = 20;

/// An endpoint given as unhealthy is nginx's `down`: it holds its place and is not picked, so what
/// belongs to the others stays where it is. One of weight 0 is left out.
class NginxHashPeers {
 public:
  explicit NginxHashPeers(std::span<const Endpoint> endpoints);

  [[nodiscard]] std::size_t size() const { return peers_.size(); }
  [[nodiscard]] std::uint32_t total_weight() const { return total_weight_; }
  [[nodiscard]] EndpointId endpoint(std::size_t peer) const { return peers_[peer].endpoint; }
  [[nodiscard]] bool is_down(std::size_t peer) const { return peers_[peer].down; }

  /// Whose share of the weight `offset` falls in. O(log size). Precondition: offset < total_weight.
  [[nodiscard]] std::size_t at_weight(std::uint32_t offset) const;

  /// Smooth weighted round robin over what is up and not in `request.tried`; nothing if there is
  /// nothing. O(size).
  [[nodiscard]] std::optional<EndpointId> next_in_turn(const PickRequest& request);

 private:
  struct Peer {
    EndpointId endpoint{};
    std::uint32_t weight = 0;
    std::uint32_t weight_end = 0;  ///< The weight of all up to and with this one.
    bool down = false;
    std::int64_t current_weight = 0;
  };

  std::vector<Peer> peers_;
  std::uint32_t total_weight_ = 0;
};

}  // namespace windtunnel::balance
