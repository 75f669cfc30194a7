#include "chaos/scenario/gate_document.hpp"
#include "chaos/scenario/plan_json_blocks.hpp"
#include "runtime/codec.hpp"

namespace windtunnel::chaos {

namespace {

void add_bundle(Json& json, const gate::Bundle& bundle) {
  json["rules"] = Json::array();
  for (const gate::Rule& rule : bundle.rules) {
    json["rules"].push_back({{"deny", rule.deny}, {"when", rule.when}});
  }
  json["data"] = json_of(bundle.data);
}

}  // namespace

Json gate_json(const GateSettings& gate) {
  Json json = {{"poll", quantity_text(gate.poll)},
               {"without_bundle", enumerator_name(gate.without_bundle)}};
  add_bundle(json, gate.bundle);
  return json;
}

Json bundle_json(const BundleChange& change) {
  if (!change.bundle) {
    return "garbled";
  }
  Json json = Json::object();
  add_bundle(json, *change.bundle);
  return json;
}

}  // namespace windtunnel::chaos
