#include "chaos/scenario/plan_json_blocks.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

Json parts_json(proxy::PartsPerBillion parts) {
  return quantity_text(Share{parts});
}

Json balance_json(const proxy::BalanceSettings& balance) {
  return {{"kind", enumerator_name(balance.kind)},
          {"panic_percent", balance.panic_percent},
          {"zone_aware", balance.zone_aware},
          {"slow_start", quantity_text(balance.slow_start)},
          {"subset_size", balance.subset_size}};
}

Json component_json(const proxy::RetrySettings& retry) {
  Json json = {{"attempts", retry.attempts},
               {"backoff", quantity_text(retry.backoff) + ".." + quantity_text(retry.backoff_max)},
               {"jitter", enumerator_name(retry.jitter)}};
  if (retry.budget) {
    json["budget"] = parts_json(*retry.budget);
  }
  return json;
}

Json component_json(const proxy::BreakerSettings& breaker) {
  Json json = {{"error_ratio", parts_json(breaker.error_ratio)},
               {"slow_after", quantity_text(breaker.slow_after)},
               {"window", quantity_text(breaker.window)},
               {"minimum", breaker.minimum},
               {"open_for", quantity_text(breaker.open_for)},
               {"half_open", breaker.half_open}};
  if (breaker.slow_ratio) {
    json["slow_ratio"] = parts_json(*breaker.slow_ratio);
  }
  if (breaker.counts && breaker.counts->consecutive_errors) {
    json["consecutive_errors"] = *breaker.counts->consecutive_errors;
  }
  if (breaker.counts && breaker.counts->error_count) {
    json["error_count"] = *breaker.counts->error_count;
  }
  return json;
}

Json component_json(const proxy::OutlierSettings& outlier) {
  return {{"consecutive_errors", outlier.consecutive_errors},
          {"interval", quantity_text(outlier.interval)},
          {"eject_for", quantity_text(outlier.eject_for)},
          {"max_ejected", parts_json(outlier.max_ejected)},
          {"success_rate", outlier.success_rate},
          {"robust", outlier.robust}};
}

Json component_json(const proxy::RateLimitSettings& limit) {
  Json json = {{"kind", enumerator_name(limit.form.kind)},
               {"rate", quantity_text(Rate{limit.events, limit.per})}};
  switch (limit.form.kind) {
    case proxy::RateLimitKind::token_bucket:
    case proxy::RateLimitKind::gcra:
      json["burst"] = limit.burst;
      break;
    case proxy::RateLimitKind::pacing:
      json["max_wait"] = quantity_text(limit.form.max_wait);
      break;
    case proxy::RateLimitKind::warm_up:
      json["warm_up"] = quantity_text(limit.form.warm_up);
      json["cold_factor"] = limit.form.cold_factor;
      break;
    case proxy::RateLimitKind::sliding_window:
      break;
  }
  return json;
}

Json component_json(std::uint32_t concurrency) {
  return concurrency;
}

template <typename Settings>
Json optional_json(const std::optional<Settings>& settings) {
  return settings ? component_json(*settings) : Json{};
}

Json policy_json(const proxy::RoutePolicy& policy) {
  Json json = {{"balance", balance_json(policy.balance)},
               {"timeout", quantity_text(policy.timeout)},
               {"deadline", quantity_text(policy.deadline)},
               {"cancel", policy.cancel},
               {"retry", optional_json(policy.retry)},
               {"breaker", optional_json(policy.breaker)},
               {"outlier", optional_json(policy.outlier)},
               {"rate_limit", optional_json(policy.rate_limit)},
               {"concurrency", optional_json(policy.concurrency)}};
  json.update(further_components_json(policy));
  return json;
}

Json shares_json(const proxy::TrafficSplit& split) {
  Json json = Json::object();
  for (const proxy::VersionShare& share : split.shares) {
    json[std::to_string(share.version)] = parts_json(share.share);
  }
  return json;
}

void add_versions(Json& json, const PlannedService& service, const Plan& plan) {
  Json& versions = json["versions"] = Json::object();
  for (const PlannedVersion& version : service.versions) {
    Json& own = versions[std::to_string(version.version)] = {
        {"service_time", distribution_json(version.service_time)},
        {"errors", quantity_text(share_of(version.errors))}};
    if (version.version != 1) {
      own["on"] = hosts_text(version.on, plan);
    }
  }
  json["split"] = shares_json(*service.split);
  json["split_by"] = enumerator_name(service.split->by);
}

void add_labels(Json& json, const PlannedService& service, const Plan& plan) {
  for (const PlannedLabel& label : service.labels) {
    json["labels"][label.name][label.value] = hosts_text(label.on, plan);
  }
}

std::vector<std::string> host_names_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const PlannedHost& host : plan.hosts) {
    names.push_back(host.name);
  }
  return names;
}

std::string_view order_text(QueueOrder order) {
  switch (order) {
    case QueueOrder::fifo:
      return "fifo";
    case QueueOrder::lifo:
      return "lifo";
    case QueueOrder::codel:
      return "codel";
    case QueueOrder::adaptive_lifo:
      return "adaptive_lifo";
  }
  return "?";
}

}  // namespace

Json services_json(const Plan& plan) {
  Json services = Json::object();
  for (const PlannedService& service : plan.services) {
    services[service.name] = {{"on", hosts_text(service.on, plan)},
                              {"workers", service.workers},
                              {"service_time", distribution_json(service.service_time)},
                              {"queue", service.queue},
                              {"order", order_text(service.order)},
                              {"drops_expired", service.drops_expired}};
    add_station(services[service.name], service);
    if (!service.versions.empty()) {
      add_versions(services[service.name], service, plan);
    }
    add_labels(services[service.name], service, plan);
    if (service.virtual_address) {
      services[service.name]["virtual_address"] =
          virtual_address_json(*service.virtual_address, host_names_of(plan));
    }
  }
  return services;
}

Json policies_json(const std::vector<proxy::RoutePolicy>& policies) {
  Json json = Json::object();
  for (const proxy::RoutePolicy& policy : policies) {
    json[policy.caller + "→" + policy.callee] = policy_json(policy);
  }
  return json;
}

Json splits_json(const std::vector<proxy::TrafficSplit>& splits) {
  Json json = Json::object();
  for (const proxy::TrafficSplit& split : splits) {
    json[split.service] = shares_json(split);
  }
  return json;
}

}  // namespace windtunnel::chaos
