#include "chaos/scenario/plan_json_blocks.hpp"

namespace windtunnel::chaos {

Json identity_json(const IdentitySettings& identity) {
  return {
      {"ttl", quantity_text(identity.ttl)},
      {"grace_ratio", quantity_text(Share{identity.grace_ratio})},
      {"jitter", quantity_text(Share{identity.jitter})},
      {"backdate", quantity_text(identity.backdate)},
      {"backoff", quantity_text(identity.backoff) + ".." + quantity_text(identity.backoff_max)}};
}

Json rotation_json(const identity::RotationSpec& spec) {
  Json order = Json::array();
  for (const identity::RotationStep step : spec.steps) {
    order.push_back(identity::name_of(step));
  }
  return {{"order", std::move(order)}, {"wait", spec.wait == identity::RotationWait::for_all}};
}

}  // namespace windtunnel::chaos
