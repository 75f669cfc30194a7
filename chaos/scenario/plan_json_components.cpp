#include <fmt/format.h>

#include "chaos/scenario/plan_json_blocks.hpp"
#include "chaos/scenario/policy_hierarchy.hpp"
#include "chaos/scenario/policy_locality.hpp"
#include "chaos/scenario/policy_subsets.hpp"
#include "chaos/scenario/quantity.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

template <typename Value, typename Text>
void put(Json& json, const char* key, const std::optional<Value>& value, Text text) {
  if (value) {
    json[key] = text(*value);
  }
}

Json as_number(std::uint32_t number) {
  return number;
}

Json as_text(Duration duration) {
  return quantity_text(duration);
}

Json as_share(proxy::PartsPerBillion parts) {
  return quantity_text(Share{parts});
}

/// "p95" of a share of 95%.
std::string quantile_text(proxy::PartsPerBillion parts) {
  std::string text = quantity_text(Share{parts});
  text.pop_back();
  return "p" + text;
}

Json component_json(const proxy::HedgeSettings& hedge) {
  Json json = {{"after", hedge.after ? quantity_text(*hedge.after) : quantile_text(hedge.quantile)},
               {"attempts", hedge.attempts}};
  put(json, "budget", hedge.budget, as_share);
  return json;
}

/// Where nothing but the kind is set, the word for it, which takes back whatever was set before: an
/// object would leave it.
template <typename Settings>
bool is_kind_alone(const Settings& settings) {
  return settings == Settings{.kind = settings.kind};
}

Json component_json(const proxy::AdaptiveConcurrencySettings& adaptive) {
  if (is_kind_alone(adaptive)) {
    return enumerator_name(adaptive.kind);
  }
  Json json = {{"kind", enumerator_name(adaptive.kind)}};
  put(json, "initial", adaptive.initial, as_number);
  put(json, "minimum", adaptive.minimum, as_number);
  put(json, "maximum", adaptive.maximum, as_number);
  put(json, "window", adaptive.window, as_text);
  return json;
}

Json component_json(const proxy::ThrottleSettings& throttle) {
  if (is_kind_alone(throttle)) {
    return enumerator_name(throttle.kind);
  }
  Json json = {{"kind", enumerator_name(throttle.kind)}};
  if (throttle.kind == proxy::ThrottleKind::sre) {
    json["k"] = throttle.k;
  } else {
    json["success_ratio"] = quantity_text(Share{throttle.success_ratio});
  }
  put(json, "window", throttle.window, as_text);
  return json;
}

Json component_json(const proxy::HealthCheckSettings& check) {
  return {{"interval", quantity_text(check.interval)},
          {"timeout", quantity_text(check.timeout)},
          {"unhealthy", check.unhealthy},
          {"healthy", check.healthy},
          {"jitter", as_share(check.jitter)}};
}

Json component_json(const proxy::QuotaSettings& quota) {
  return {{"rate", quantity_text(Rate{quota.events, quota.per})},
          {"burst", quantity_text(quota.burst)},
          {"when_unreachable", enumerator_name(quota.when_unreachable)}};
}

Json component_json(const proxy::LocalitySettings& locality) {
  return locality_json(locality);
}

Json component_json(const proxy::RetryQuotaSettings& quota) {
  return enumerator_name(quota.kind);
}

Json component_json(const proxy::BulkheadSettings& bulkhead) {
  return {{"concurrency", bulkhead.concurrency},
          {"queue", bulkhead.queue},
          {"max_wait", quantity_text(bulkhead.max_wait)}};
}

Json component_json(const proxy::RouteAdmissionSettings& admission) {
  return {{"keep", quantity_text(admission.keep)}, {"others", admission.others}};
}

Json component_json(const proxy::HierarchicalLimitSettings& limit) {
  return hierarchical_limit_json(limit);
}

Json component_json(const proxy::SubsetSettings& subsets) {
  return subsets_json(subsets);
}

Json component_json(const proxy::MtlsSettings& mtls) {
  return {{"connection_age", quantity_text(mtls.connection_age)}};
}

template <typename Settings>
Json optional_json(const std::optional<Settings>& settings) {
  return settings ? component_json(*settings) : Json{};
}

}  // namespace

Json further_components_json(const proxy::RoutePolicy& policy) {
  return {{"hedge", optional_json(policy.hedge)},
          {"adaptive_concurrency", optional_json(policy.adaptive_concurrency)},
          {"throttle", optional_json(policy.throttle)},
          {"health_check", optional_json(policy.health_check)},
          {"quota", optional_json(policy.quota)},
          {"locality", optional_json(policy.locality)},
          {"retry_quota", optional_json(policy.retry_quota)},
          {"bulkhead", optional_json(policy.bulkhead)},
          {"admission", optional_json(policy.admission)},
          {"hierarchical_limit", optional_json(policy.hierarchical_limit)},
          {"subsets", optional_json(policy.subsets)},
          {"mtls", optional_json(policy.mtls)}};
}

}  // namespace windtunnel::chaos
