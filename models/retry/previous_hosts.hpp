// The endpoints that earlier attempts of one call went to, so that the next goes elsewhere: Envoy's
// `envoy.retry_host_predicates.previous_hosts` and gRPC A6's list of used backends.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "models/balance/endpoint.hpp"

namespace windtunnel::retry {

/// A fixed array: a call makes few attempts. Beyond its room the oldest is forgotten.
class PreviousHosts {
 public:
  static constexpr std::size_t kRoom = 8;

  void add(balance::EndpointId endpoint) {
    if (contains(endpoint)) {
      return;
    }
    if (count_ == kRoom) {
      std::move(tried_.begin() + 1, tried_.end(), tried_.begin());
      --count_;
    }
    tried_[count_++] = endpoint;
  }
  [[nodiscard]] bool contains(balance::EndpointId endpoint) const {
    const auto tried_so_far = tried();
    return std::find(tried_so_far.begin(), tried_so_far.end(), endpoint) != tried_so_far.end();
  }
  /// For PickRequest::tried; oldest first, valid until the next add().
  [[nodiscard]] std::span<const balance::EndpointId> tried() const {
    return std::span{tried_}.first(count_);
  }

 private:
  std::array<balance::EndpointId, kRoom> tried_{};
  std::size_t count_ = 0;
};

/// Envoy's way of avoiding them: pick, and pick again while the predicate rejects the host, at most
/// `reselections_max` times (`host_selection_retry_max_attempts`, 1 by default); the last pick
/// stands even if it was tried before. With n equal hosts of which k were tried, uniform picks land
/// on a tried one with probability (k/n)^(reselections_max + 1).
template <typename Pick>
[[nodiscard]] std::optional<balance::EndpointId> pick_avoiding(const PreviousHosts& previous,
                                                               std::uint32_t reselections_max,
                                                               Pick&& pick) {
  std::optional<balance::EndpointId> picked = pick();
  for (std::uint32_t again = 0; again < reselections_max; ++again) {
    if (!picked || !previous.contains(*picked)) {
      break;
    }
    picked = pick();
  }
  return picked;
}

}  // namespace windtunnel::retry
