// The interface of balancing policies. A policy chooses within one fixed set of endpoints; which
// set that is (priority, locality, subset, health) is the Balancer's business, which makes policies
// anew when the set changes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "models/balance/endpoint.hpp"
#include "runtime/instant.hpp"
#include "runtime/random.hpp"

namespace windtunnel::balance {

/// What one pick may depend on.
struct PickRequest {
  std::string_view key{};  ///< Hash policies place by it; empty where the request has none.
  /// The key's hash where the caller has computed it already; otherwise policies hash `key`.
  std::optional<std::uint64_t> hash{};
  std::uint32_t attempt = 0;            ///< 0 for the first, then 1 for each retry.
  std::span<const EndpointId> tried{};  ///< By earlier attempts, to be avoided where possible.
};

/// Whether an earlier attempt of this request went to `endpoint`. Linear in the attempts, which are
/// few.
[[nodiscard]] inline bool was_tried(const PickRequest& request, EndpointId endpoint) {
  return std::find(request.tried.begin(), request.tried.end(), endpoint) != request.tried.end();
}

/// How one attempt ended, for policies that learn.
struct AttemptResult {
  EndpointId endpoint{};
  Duration latency{};
  bool succeeded = true;
};

/// What a policy is made of. `endpoints` are those that may be picked, in the control plane's
/// order; the views must outlive the policy.
struct PolicyInput {
  std::span<const Endpoint> endpoints;
  const EndpointLoads& loads;
  RandomStream random;
  Instant now{};
};

class Policy {
 public:
  Policy() = default;
  Policy(const Policy&) = delete;
  Policy& operator=(const Policy&) = delete;
  virtual ~Policy() = default;

  /// Nothing where the set is empty or nobody in it may be picked. Allocates nothing. Does not
  /// count the pick as load: whoever sends the request tells EndpointLoads.
  [[nodiscard]] virtual std::optional<EndpointId> pick(Instant now, const PickRequest& request) = 0;

  /// One attempt on an endpoint of this set ended.
  virtual void observe(Instant /*now*/, const AttemptResult& /*result*/) {}
  /// Whether observe() does anything. A Balancer does not tell those who learn nothing.
  [[nodiscard]] virtual bool learns() const { return false; }
};

}  // namespace windtunnel::balance
