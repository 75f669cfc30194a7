#include "chaos/run/gate_facts.hpp"

#include "models/gate/messages.hpp"

namespace windtunnel::chaos {

void record_gate_fact(const sim::FreshFact& fact, RunRecord& record) {
  if (fact.is<gate::ChangeReviewed>()) {
    const auto& reviewed = fact.as<gate::ChangeReviewed>();
    const gate::Decision& decision = reviewed.decision;
    record.gate_decisions.push_back({fact.at, fact.host, reviewed.subject, decision.is_allowed,
                                     decision.reason, decision.revision, decision.age});
  } else if (fact.is<gate::BundleActivated>()) {
    record.gate_bundles.push_back(
        {fact.at, fact.host, fact.as<gate::BundleActivated>().revision, false, ""});
  } else if (fact.is<gate::BundleRefused>()) {
    const auto& refused = fact.as<gate::BundleRefused>();
    record.gate_bundles.push_back({fact.at, fact.host, refused.revision, true, refused.reason});
  }
}

}  // namespace windtunnel::chaos
