#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "chaos/scenario/policy_components.hpp"
#include "chaos/scenario/policy_limits.hpp"
#include "chaos/scenario/policy_locality.hpp"
#include "chaos/scenario/policy_subsets.hpp"
#include "chaos/scenario/policy_values.hpp"
#include "chaos/scenario/scenario_loader.hpp"
#include "chaos/scenario/scenario_values.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::BalanceKind;
using proxy::RoutePolicy;

constexpr std::string_view kArrow = "→";
constexpr std::string_view kAnyone = "*";

/// `"least_request"`, or an object with the kind and more.
void read_balance(const Node& node, proxy::BalanceSettings& balance) {
  const std::vector<Choice<BalanceKind>> kinds = choices_of<BalanceKind>();
  if (node.json().is_string()) {
    read_value(node, balance.kind, std::span<const Choice<BalanceKind>>{kinds});
    return;
  }
  const Block block{node, keys::balance};
  block.optional("kind", balance.kind, std::span<const Choice<BalanceKind>>{kinds});
  block.optional("panic_percent", balance.panic_percent, Limits<std::uint32_t>{0, 100});
  block.optional("zone_aware", balance.zone_aware);
  block.optional("slow_start", balance.slow_start, kAnyDuration);
  block.optional("subset_size", balance.subset_size, Limits<std::uint32_t>{0, 1'000'000});
}

void read_route_retry(const Node& node, proxy::RetrySettings& retry) {
  const Block block{node, keys::route_retry};
  block.optional("attempts", retry.attempts, Limits<std::uint32_t>{1, 100});
  if (block.has("backoff")) {
    read_backoff(block.at("backoff"), retry.backoff, retry.backoff_max);
  }
  read_choice(block, "jitter", retry.jitter);
  read_parts(block, "budget", retry.budget);
}

void read_breaker(const Node& node, proxy::BreakerSettings& breaker) {
  const Block block{node, keys::breaker};
  read_parts(block, "error_ratio", breaker.error_ratio);
  read_parts(block, "slow_ratio", breaker.slow_ratio);
  block.optional("slow_after", breaker.slow_after, kPositive);
  block.optional("window", breaker.window, kPositive);
  block.optional("minimum", breaker.minimum, kCount);
  block.optional("open_for", breaker.open_for, kPositive);
  block.optional("half_open", breaker.half_open, kCount);
  if (block.has("consecutive_errors") || block.has("error_count")) {
    proxy::BreakerCounts& counts = breaker.counts ? *breaker.counts : breaker.counts.emplace();
    block.optional("consecutive_errors", counts.consecutive_errors, kCount);
    block.optional("error_count", counts.error_count, kCount);
  }
}

void read_outlier(const Node& node, proxy::OutlierSettings& outlier) {
  const Block block{node, keys::outlier};
  block.optional("consecutive_errors", outlier.consecutive_errors,
                 Limits<std::uint32_t>{0, 1'000'000});
  block.optional("interval", outlier.interval, kPositive);
  block.optional("eject_for", outlier.eject_for, kPositive);
  read_parts(block, "max_ejected", outlier.max_ejected);
  block.optional("success_rate", outlier.success_rate);
  block.optional("robust", outlier.robust);
}

/// Leaves both as they were where something is wrong with them: a change of this policy is compared
/// with what it says, and what is said here cannot be.
void read_times(const Block& block, RoutePolicy& policy) {
  const RoutePolicy before = policy;
  const Node& node = block.node();
  const std::size_t problems_before = node.reading().problems;
  block.optional("timeout", policy.timeout, kPositive);
  block.optional("deadline", policy.deadline, kPositive);
  if (node.reading().problems == problems_before && policy.deadline < policy.timeout) {
    node.complain(fmt::format("a deadline of {} and a timeout of {}",
                              quantity_text(policy.deadline), quantity_text(policy.timeout)),
                  "a deadline (per request) of at least the timeout (per attempt)");
  }
  if (node.reading().problems != problems_before) {
    policy.timeout = before.timeout;
    policy.deadline = before.deadline;
  }
}

void read_settings(const Node& node, RoutePolicy& policy) {
  const Block block{node, keys::policy};
  if (block.has("balance")) {
    read_balance(block.at("balance"), policy.balance);
  }
  read_times(block, policy);
  block.optional("cancel", policy.cancel);
  read_component(block, "retry", policy.retry, read_route_retry);
  read_component(block, "breaker", policy.breaker, read_breaker);
  read_component(block, "outlier", policy.outlier, read_outlier);
  read_component(block, "rate_limit", policy.rate_limit, read_rate_limit);
  if (block.has("concurrency") && block.at("concurrency").json().is_null()) {
    policy.concurrency.reset();
  } else {
    block.optional("concurrency", policy.concurrency, kCount);
  }
  read_further_components(block, policy);
}

/// "checkout→payment"; "*" is any caller.
bool read_route(const std::string& key, const Node& node,
                const std::vector<PlannedService>& services, RoutePolicy& policy) {
  const std::size_t arrow = key.find(kArrow);
  if (arrow == std::string::npos || arrow == 0 || arrow + kArrow.size() == key.size()) {
    node.complain_about_key(fmt::format("\"{}\"", key),
                            "a route \"caller→callee\", where \"*\" is any caller");
    return false;
  }
  policy.caller = key.substr(0, arrow);
  policy.callee = key.substr(arrow + kArrow.size());
  const std::size_t problems_before = node.reading().problems;
  for (const std::string& name : {policy.caller, policy.callee}) {
    if (name != kAnyone || name == policy.callee) {
      check_service_in_key(node, name, services);
    }
  }
  return node.reading().problems == problems_before;
}

RoutePolicy* find_policy(std::vector<RoutePolicy>& policies, const RoutePolicy& wanted) {
  const auto found = std::find_if(policies.begin(), policies.end(), [&](const RoutePolicy& policy) {
    return policy.caller == wanted.caller && policy.callee == wanted.callee;
  });
  return found == policies.end() ? nullptr : &*found;
}

}  // namespace

std::vector<RoutePolicy> read_policies(const Node& node, const HostDirectory& hosts,
                                       const std::vector<PlannedService>& services,
                                       std::vector<RoutePolicy>& known) {
  std::vector<RoutePolicy> policies;
  for (const auto& [key, member] : node.members("policies by route, \"caller→callee\"")) {
    RoutePolicy policy;
    if (!read_route(key, member, services, policy)) {
      continue;
    }
    RoutePolicy* const before = find_policy(known, policy);
    if (before != nullptr) {
      policy = *before;
    }
    read_settings(member, policy);
    check_zones(member, hosts);
    check_labels(member, policy.callee, services);
    if (before != nullptr) {
      *before = policy;
    } else {
      known.push_back(policy);
    }
    policies.push_back(std::move(policy));
  }
  return policies;
}

}  // namespace windtunnel::chaos
