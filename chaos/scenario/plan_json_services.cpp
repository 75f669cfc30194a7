#include "chaos/scenario/plan_json_blocks.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

std::string parts_text(std::uint32_t part, std::uint32_t parts) {
  return quantity_text(Share{std::int64_t{part} * (1'000'000'000 / parts)});
}

Json call_json(const PlannedCall& call) {
  if (call == PlannedCall{.to = call.to}) {
    return call.to;
  }
  Json json = {{"to", call.to},
               {"need", call.need == service::Need::required ? "required" : "optional"}};
  if (call.timeout != Duration::max()) {
    json["timeout"] = quantity_text(call.timeout);
  }
  return json;
}

Json admission_json(const service::DagorOptions& admission) {
  constexpr std::uint32_t kPercent = 100;
  return {{"queuing_max", quantity_text(admission.queuing_max)},
          {"window", quantity_text(admission.window)},
          {"window_requests", admission.window_requests},
          {"decrease", parts_text(admission.decrease_percent, kPercent)},
          {"increase", parts_text(admission.increase_percent, kPercent)},
          {"business_levels", admission.business_levels}};
}

void add_calls(Json& json, const PlannedService& service) {
  Json& calls = json["calls"] = Json::array();
  for (const PlannedCall& call : service.calls) {
    calls.push_back(call_json(call));
  }
  json["fan_out"] = service.fan_out == service::FanOut::sequential ? "sequential" : "parallel";
  json["deadlines"] = service.deadlines == service::Deadlines::propagate ? "propagate" : "ignore";
  json["worker"] = service.worker == service::WorkerHold::until_served ? "leaves" : "waits";
}

}  // namespace

void add_station(Json& json, const PlannedService& service) {
  add_calls(json, service);
  json["priorities"] = service.priorities;
  json["errors"] = quantity_text(share_of(service.errors));
  json["speed"] = parts_text(service.speed, service::kFullSpeed);
  if (service.warm_up != service::WarmUp{}) {
    json["warm_up"] = {{"lasts", quantity_text(service.warm_up.lasts)},
                       {"slowdown", service.warm_up.slowdown}};
  }
  if (service.pauses) {
    json["pauses"] = {{"interval", distribution_json(service.pauses->interval)},
                      {"length", distribution_json(service.pauses->length)}};
  }
  if (service.admission) {
    json["admission"] = admission_json(*service.admission);
  }
  if (service.pushback) {
    json["pushback"] = quantity_text(*service.pushback);
  }
}

}  // namespace windtunnel::chaos
