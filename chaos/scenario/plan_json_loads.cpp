#include "chaos/scenario/plan_json_blocks.hpp"

namespace windtunnel::chaos {

namespace {

Json rate_json(const Load& load) {
  if (load.profile.empty()) {
    return quantity_text(load.rate);
  }
  Json points = Json::array();
  for (const RateSetting& point : load.profile) {
    points.push_back({{"at", quantity_text(point.at)},
                      {"rate", quantity_text(point.rate)},
                      {"then", point.then == client::RateChange::step ? "step" : "ramp"}});
  }
  return points;
}

Json bursts_json(const BurstSettings& bursts) {
  return {{"on", quantity_text(bursts.on)},
          {"off", quantity_text(bursts.off)},
          {"mean_on", quantity_text(bursts.mean_on)},
          {"mean_off", quantity_text(bursts.mean_off)}};
}

Json trace_json(const std::vector<Duration>& trace) {
  Json offsets = Json::array();
  for (const Duration offset : trace) {
    offsets.push_back(quantity_text(offset));
  }
  return offsets;
}

void add_arrivals(Json& json, const Load& load) {
  if (load.users) {
    json["users"] = load.users->count;
    json["think"] = distribution_json(load.users->think);
    return;
  }
  switch (load.arrivals) {
    case Arrivals::poisson:
    case Arrivals::constant:
      json["rate"] = rate_json(load);
      json["arrivals"] = load.arrivals == Arrivals::poisson ? "poisson" : "constant";
      return;
    case Arrivals::bursty:
      json["arrivals"] = {{"bursty", bursts_json(load.bursts)}};
      return;
    case Arrivals::replay:
      json["arrivals"] = {{"replay", trace_json(load.trace)}};
      return;
  }
}

void add_requests(Json& json, const Load& load) {
  json["keys"] = {{"users", load.keys.users}, {"skew", load.keys.skew}};
  json["priorities"] = load.priorities;
}

void add_operations(Json& json, const Load& load) {
  Json retry = {{"backoff",
                 quantity_text(load.retry.backoff) + ".." + quantity_text(load.retry.backoff_max)}};
  if (load.retry.attempts) {
    retry["attempts"] = *load.retry.attempts;
  }
  json["reads"] = quantity_text(share_of(load.reads));
  json["value_size"] = quantity_text(load.value_size);
  json["timeout"] = quantity_text(load.timeout);
  json["deadline"] = quantity_text(load.deadline);
  json["retry"] = std::move(retry);
}

}  // namespace

Json load_json(const Load& load, const Plan& plan) {
  Json json = {{"to", load.to}, {"from", hosts_text(load.from, plan)}};
  add_arrivals(json, load);
  if (load.to == kControlPlane) {
    add_operations(json, load);
  } else {
    add_requests(json, load);
  }
  return json;
}

}  // namespace windtunnel::chaos
