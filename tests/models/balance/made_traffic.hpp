// Scripted traffic for any policy, the same for the same policy each time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "models/balance/grpc_weighted_round_robin.hpp"
#include "models/balance/prequal.hpp"
#include "tests/models/balance/made_endpoints.hpp"

namespace windtunnel::balance {

/// Picks and reports under load: a third of the results are failures, every tenth request retries,
/// and what learns from backends hears from them.
class Traffic {
 public:
  Traffic(MadeEndpoints& made, Policy& policy)
      : made_(made),
        policy_(policy),
        prequal_(dynamic_cast<Prequal*>(&policy)),
        grpc_(dynamic_cast<GrpcWeightedRoundRobin*>(&policy)) {
    under_way_.reserve(kUnderWayMax);
  }

  /// Calls `picked(endpoint)` for every pick, absent ones too.
  template <typename Picked>
  void run(int requests, Picked&& picked_endpoint) {
    for (int i = 0; i < requests; ++i) {
      now_ += std::chrono::milliseconds{20};
      const std::span<const EndpointId> tried{tried_.data(), script_.below(10) == 0 ? 2U : 0U};
      const std::optional<EndpointId> picked = policy_.pick(now_, after(tried));
      picked_endpoint(picked);
      if (picked) {
        made_.loads.begin(*picked);
        under_way_.push_back(*picked);
      }
      hear_from_backends();
      if (under_way_.size() == kUnderWayMax || script_.below(2) == 0) {
        end_one();
      }
    }
  }

 private:
  static constexpr std::size_t kUnderWayMax = 50;

  void hear_from_backends() {
    if (prequal_ != nullptr) {
      for (const EndpointId target : prequal_->draw_probe_targets()) {
        prequal_->learn(now_, {target, made_.loads.active(target), std::chrono::milliseconds{5}});
      }
    }
    if (grpc_ != nullptr) {
      // Drawn one by one: the order in which arguments are evaluated differs between compilers.
      const EndpointId endpoint{static_cast<std::uint32_t>(script_.below(10))};
      const LoadReport load{1 + script_.unit(), script_.unit(), script_.unit()};
      grpc_->report(now_, endpoint, load);
    }
  }

  void end_one() {
    if (under_way_.empty()) {
      return;
    }
    std::swap(under_way_[script_.below(under_way_.size())], under_way_.back());
    made_.loads.end(under_way_.back());
    policy_.observe(now_, {under_way_.back(), std::chrono::milliseconds{5}, script_.below(3) > 0});
    under_way_.pop_back();
  }

  MadeEndpoints& made_;
  Policy& policy_;
  Prequal* prequal_;
  GrpcWeightedRoundRobin* grpc_;
  RandomStream script_{1, "traffic"};
  Instant now_{};
  std::vector<EndpointId> tried_{EndpointId{1}, EndpointId{2}};
  std::vector<EndpointId> under_way_;
};

}  // namespace windtunnel::balance
