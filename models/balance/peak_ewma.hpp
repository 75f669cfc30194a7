// Peak EWMA under the power of two choices: of two different endpoints drawn at random, the one
// with the lower latency times requests under way. Follows Finagle's PeakEwma.scala
// (finagle-core); tower's and Linkerd's differ in what an unknown endpoint costs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/balance/candidates.hpp"
#include "models/balance/peak_ewma_cost.hpp"
#include "models/balance/policy.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

/// Latencies by endpoint, kept over snapshots by whoever makes the policies; must outlive them.
class PeakEwmaHistory {
 public:
  [[nodiscard]] bool knows(EndpointId endpoint) const {
    return endpoint.value() < costs_.size() && costs_[endpoint.value()].has_value();
  }
  /// Precondition: known.
  [[nodiscard]] PeakEwmaCost& cost(EndpointId endpoint) { return *costs_[endpoint.value()]; }
  void learn(EndpointId endpoint, PeakEwmaCost cost) {
    if (endpoint.value() >= costs_.size()) {
      costs_.resize(endpoint.value() + std::size_t{1});
    }
    costs_[endpoint.value()] = cost;
  }

 private:
  std::vector<std::optional<PeakEwmaCost>> costs_;
};

struct PeakEwmaSpec {
  Duration decay = std::chrono::seconds{10};  ///< Finagle's and Linkerd's default.
  /// What an endpoint without history is taken to cost: Linkerd's way is 30 ms. Zero is Finagle's:
  /// free while idle, and as good as unavailable while its first requests are under way.
  Duration initial{};
  /// A failed attempt counts as one that took this long, or as long as it took if that is more. An
  /// endpoint that fails fast looks fast; Finagle and Linkerd leave that to their failure accrual,
  /// which zero does too.
  Duration failure_cost = std::chrono::seconds{1};
  /// The policy's own where absent, which a new snapshot then forgets.
  PeakEwmaHistory* history = nullptr;
};

/// Weights only decide who takes nothing (weight 0). A pick costs O(1).
class PeakEwma final : public Policy {
 public:
  PeakEwma(PeakEwmaSpec spec, const PolicyInput& input);

  [[nodiscard]] std::optional<EndpointId> pick(Instant now, const PickRequest& request) override;
  void observe(Instant now, const AttemptResult& result) override;
  [[nodiscard]] bool learns() const override { return true; }

  /// What `endpoint` costs now: latency in nanoseconds times (requests under way + 1).
  [[nodiscard]] double load(EndpointId endpoint, Instant now);

 private:
  [[nodiscard]] PeakEwmaHistory& history() {
    return spec_.history != nullptr ? *spec_.history : own_history_;
  }

  PeakEwmaSpec spec_;
  Candidates candidates_;
  const EndpointLoads& loads_;
  RandomStream random_;
  PeakEwmaHistory own_history_;
};

}  // namespace windtunnel::balance
