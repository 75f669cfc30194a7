// The endpoints that a policy may pick, numbered densely: a policy's tables are indexed by slot.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/balance/policy.hpp"

namespace windtunnel::balance {

/// A place in one policy's tables, in the control plane's order.
using Slot = std::uint32_t;

struct Candidate {
  EndpointId id{};
  std::uint32_t weight = 1;
};

/// Endpoints of weight 0 are left out: they take nothing new.
class Candidates {
 public:
  explicit Candidates(std::span<const Endpoint> endpoints) {
    list_.reserve(endpoints.size());
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.weight > 0) {
        add(endpoint);
      }
    }
  }

  [[nodiscard]] Slot size() const { return static_cast<Slot>(list_.size()); }
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] const Candidate& operator[](Slot slot) const { return list_[slot]; }
  [[nodiscard]] EndpointId id(Slot slot) const { return list_[slot].id; }
  [[nodiscard]] std::uint32_t weight(Slot slot) const { return list_[slot].weight; }
  [[nodiscard]] std::uint64_t total_weight() const { return total_weight_; }
  [[nodiscard]] std::uint32_t greatest_weight() const { return greatest_weight_; }
  [[nodiscard]] bool have_equal_weights() const {
    return total_weight_ == std::uint64_t{greatest_weight_} * list_.size();
  }

  /// Absent for an endpoint that is not among these.
  [[nodiscard]] std::optional<Slot> slot_of(EndpointId endpoint) const {
    if (endpoint.value() >= slots_.size() || slots_[endpoint.value()] == kAbsent) {
      return std::nullopt;
    }
    return slots_[endpoint.value()];
  }

 private:
  static constexpr Slot kAbsent = ~Slot{0};

  void add(const Endpoint& endpoint) {
    if (endpoint.id.value() >= slots_.size()) {
      slots_.resize(endpoint.id.value() + std::size_t{1}, kAbsent);
    }
    check(slots_[endpoint.id.value()] == kAbsent, "an endpoint is listed once");
    slots_[endpoint.id.value()] = size();
    list_.push_back({endpoint.id, endpoint.weight});
    total_weight_ += endpoint.weight;
    greatest_weight_ = std::max(greatest_weight_, endpoint.weight);
  }

  std::vector<Candidate> list_;
  std::vector<Slot> slots_;  ///< By endpoint id.
  std::uint64_t total_weight_ = 0;
  std::uint32_t greatest_weight_ = 0;
};

}  // namespace windtunnel::balance
