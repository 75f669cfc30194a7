#include "chaos/scenario/policy_components.hpp"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "chaos/scenario/policy_hierarchy.hpp"
#include "chaos/scenario/policy_limits.hpp"
#include "chaos/scenario/policy_locality.hpp"
#include "chaos/scenario/policy_subsets.hpp"
#include "chaos/scenario/policy_values.hpp"
#include "models/proxy/adaptive_limits.hpp"

namespace windtunnel::chaos {

namespace {

using proxy::AdaptiveConcurrencySettings;
using proxy::AdaptiveKind;
using proxy::ThrottleKind;
using proxy::ThrottleSettings;

/// `"p95"` or `"50ms"`.
void read_hedge_after(const Node& node, proxy::HedgeSettings& hedge) {
  const Json& json = node.json();
  const bool is_quantile = json.is_string() && json.get_ref<const std::string&>().starts_with('p');
  if (!is_quantile) {
    read_value(node, hedge.after, kAnyDuration);
    return;
  }
  const Parsed<Share> parsed = parse_share(json.get_ref<const std::string&>().substr(1) + "%");
  const Share* const share = std::get_if<Share>(&parsed);
  if (share == nullptr || share->billionths == 0 || share->billionths >= proxy::kWholeInParts) {
    node.complain("a quantile such as \"p95\", or a time such as \"50ms\"");
    return;
  }
  hedge.after.reset();
  hedge.quantile = static_cast<proxy::PartsPerBillion>(share->billionths);
}

void read_hedge(const Node& node, proxy::HedgeSettings& hedge) {
  const Block block{node, keys::hedge};
  if (block.has("after")) {
    read_hedge_after(block.at("after"), hedge);
  }
  // gRPC A6 allows five; a Hedging has room for as many.
  block.optional("attempts", hedge.attempts, Limits<std::uint32_t>{2, 5});
  read_parts(block, "budget", hedge.budget);
}

/// Those limits that the kind has.
std::string limits_text(AdaptiveKind kind, const proxy::AdaptiveLimits& limits) {
  std::string text;
  if (kind == AdaptiveKind::gradient2 || kind == AdaptiveKind::envoy_gradient) {
    text += fmt::format("a minimum of {}, ", limits.minimum);
  }
  if (kind != AdaptiveKind::envoy_gradient) {
    text += fmt::format("an initial limit of {}, ", limits.initial);
  }
  return text + fmt::format("a maximum of {}", limits.maximum);
}

void read_limits(const Block& block, AdaptiveConcurrencySettings& adaptive) {
  block.optional("initial", adaptive.initial, kCount);
  block.optional("minimum", adaptive.minimum, kCount);
  block.optional("maximum", adaptive.maximum, kCount);
}

/// With the product's own limits where none are given.
void check_limits(const Node& node, const AdaptiveConcurrencySettings& adaptive) {
  if (const proxy::AdaptiveLimits limits = proxy::limits_of(adaptive); !limits.ascend()) {
    node.complain(limits_text(adaptive.kind, limits),
                  fmt::format("limits that ascend; what is not given is {}'s own",
                              enumerator_name(adaptive.kind)));
  }
}

/// `"gradient2"`, or an object with the kind and more.
void read_adaptive_concurrency(const Node& node, AdaptiveConcurrencySettings& adaptive) {
  const std::vector<Choice<AdaptiveKind>> kinds = choices_of<AdaptiveKind>();
  if (node.json().is_string()) {
    adaptive = {};
    read_value(node, adaptive.kind, std::span<const Choice<AdaptiveKind>>{kinds});
    return;
  }
  const std::size_t problems_before = node.reading().problems;
  const Block block{node, keys::adaptive_concurrency};
  const AdaptiveKind before = adaptive.kind;
  block.optional("kind", adaptive.kind, std::span<const Choice<AdaptiveKind>>{kinds});
  if (adaptive.kind != before) {
    adaptive = {.kind = adaptive.kind};
  }
  const std::string_view kind = enumerator_name(adaptive.kind);
  if (adaptive.kind == AdaptiveKind::aimd) {
    refuse_keys(block, kind, {"minimum", "maximum", "window"});
  } else if (adaptive.kind == AdaptiveKind::vegas) {
    refuse_keys(block, kind, {"minimum"});
  } else if (adaptive.kind == AdaptiveKind::envoy_gradient) {
    refuse_keys(block, kind, {"initial"});
  }
  read_limits(block, adaptive);
  block.optional("window", adaptive.window, kPositive);
  if (node.reading().problems == problems_before) {
    check_limits(node, adaptive);
  } else {
    // Nothing is to be compared with what could not be read, here or in a change of it.
    adaptive = {.kind = adaptive.kind};
  }
}

/// `"sre"`, or an object with the kind and more.
void read_throttle(const Node& node, ThrottleSettings& throttle) {
  const std::vector<Choice<ThrottleKind>> kinds = choices_of<ThrottleKind>();
  if (node.json().is_string()) {
    throttle = {};
    read_value(node, throttle.kind, std::span<const Choice<ThrottleKind>>{kinds});
    return;
  }
  const Block block{node, keys::throttle};
  const ThrottleKind before = throttle.kind;
  block.optional("kind", throttle.kind, std::span<const Choice<ThrottleKind>>{kinds});
  if (throttle.kind != before) {
    throttle = {.kind = throttle.kind};
  }
  const bool is_sre = throttle.kind == ThrottleKind::sre;
  refuse_keys(block, enumerator_name(throttle.kind), {is_sre ? "success_ratio" : "k"});
  block.optional("k", throttle.k, Limits<double>{1, proxy::kThrottleKMax});
  Share ratio{throttle.success_ratio};
  block.optional("success_ratio", ratio, Limits<Share>{Share{1}, Share{proxy::kWholeInParts}});
  throttle.success_ratio = static_cast<proxy::PartsPerBillion>(ratio.billionths);
  block.optional("window", throttle.window, kPositive);
}

void read_health_check(const Node& node, proxy::HealthCheckSettings& check) {
  const Block block{node, keys::health_check};
  block.optional("interval", check.interval, kPositive);
  block.optional("timeout", check.timeout, kPositive);
  block.optional("unhealthy", check.unhealthy, kCount);
  block.optional("healthy", check.healthy, kCount);
  read_parts(block, "jitter", check.jitter);
}

void read_quota(const Node& node, proxy::QuotaSettings& quota) {
  const Block block{node, keys::quota};
  if (quota.events == 0) {
    block.require("rate");
  }
  Rate rate{quota.events, quota.per};
  block.optional("rate", rate);
  quota.events = rate.events;
  quota.per = rate.per;
  block.optional("burst", quota.burst, kPositive);
  read_choice(block, "when_unreachable", quota.when_unreachable);
}

void read_retry_quota(const Node& node, proxy::RetryQuotaSettings& quota) {
  const std::vector<Choice<proxy::RetryQuotaKind>> kinds = choices_of<proxy::RetryQuotaKind>();
  read_value(node, quota.kind, std::span<const Choice<proxy::RetryQuotaKind>>{kinds});
}

void read_mtls(const Node& node, proxy::MtlsSettings& mtls) {
  const Block block{node, keys::mtls};
  block.optional("connection_age", mtls.connection_age, kPositive);
}

/// Two components that would do the same.
void refuse_both(const Block& block, std::initializer_list<std::string_view> named,
                 std::string_view found) {
  for (const std::string_view key : named) {
    if (block.has(key)) {
      block.at(key).complain(std::string{found}, "one of the two; null takes the other off");
      return;
    }
  }
}

}  // namespace

void read_further_components(const Block& block, proxy::RoutePolicy& policy) {
  read_component(block, "hedge", policy.hedge, read_hedge);
  read_component(block, "adaptive_concurrency", policy.adaptive_concurrency,
                 read_adaptive_concurrency);
  read_component(block, "throttle", policy.throttle, read_throttle);
  read_component(block, "health_check", policy.health_check, read_health_check);
  read_component(block, "quota", policy.quota, read_quota);
  read_component(block, "locality", policy.locality, read_locality);
  read_component(block, "retry_quota", policy.retry_quota, read_retry_quota);
  read_component(block, "bulkhead", policy.bulkhead, read_bulkhead);
  read_component(block, "admission", policy.admission, read_route_admission);
  read_component(block, "hierarchical_limit", policy.hierarchical_limit, read_hierarchical_limit);
  read_component(block, "subsets", policy.subsets, read_subsets);
  if (policy.subsets && policy.balance.subset_size > 0) {
    refuse_both(block, {"subsets", "balance"}, "subsets by labels and a subset by size");
  }
  if (policy.locality && policy.locality->kind == proxy::LocalityKind::weighted &&
      policy.balance.zone_aware) {
    refuse_both(block, {"locality", "balance"}, "weighted zones and a zone-aware balance");
  }
  read_component(block, "mtls", policy.mtls, read_mtls);
  if (policy.bulkhead && policy.concurrency) {
    refuse_both(block, {"bulkhead", "concurrency"}, "a bulkhead and a concurrency on one route");
  }
  if (policy.hedge && policy.retry) {
    refuse_both(block, {"hedge", "retry"}, "a hedge and retries on one route");
  }
  const bool has_budget =
      (policy.retry && policy.retry->budget) || (policy.hedge && policy.hedge->budget);
  if (policy.retry_quota && has_budget) {
    refuse_both(block, {"retry_quota", "retry", "hedge"}, "a retry quota and a budget");
  }
}

}  // namespace windtunnel::chaos
