#include "chaos/scenario/plan_json_blocks.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

Json replication_load_json(const ReplicationLoad& load, const Plan& plan) {
  Json mix = Json::object();
  for (std::size_t i = 0; i < load.mix.size(); ++i) {
    mix[enumerator_name(static_cast<replica::CallKind>(i))] = load.mix[i];
  }
  return {{"from", hosts_text(load.from, plan)},
          {"rate", quantity_text(load.rate)},
          {"mix", std::move(mix)},
          {"keys", load.keys},
          {"skew", load.skew},
          {"timeout", quantity_text(load.timeout)}};
}

}  // namespace

Json replication_json(const Plan& plan) {
  const Replication& replication = *plan.replication;
  Json loads = Json::array();
  for (const ReplicationLoad& load : replication.loads) {
    loads.push_back(replication_load_json(load, plan));
  }
  Json json = {{"on", hosts_text(replication.on, plan)},
               {"stamps", enumerator_name(replication.stamps)},
               {"max_ahead", quantity_text(replication.max_ahead)},
               {"retry", quantity_text(replication.retry)},
               {"hints", replication.hints},
               {"repair_every",
                replication.repair_every ? Json(quantity_text(*replication.repair_every)) : Json{}},
               {"load", std::move(loads)}};
  if (replication.deletions_kept) {
    json["deletions_kept"] = quantity_text(*replication.deletions_kept);
  }
  return json;
}

}  // namespace windtunnel::chaos
