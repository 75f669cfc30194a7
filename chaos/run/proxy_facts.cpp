#include "chaos/run/proxy_facts.hpp"

#include "models/health/facts.hpp"
#include "models/proxy/facts.hpp"

namespace windtunnel::chaos {

void record_proxy_fact(const sim::FreshFact& fact, RunRecord& record) {
  const auto add = [&](ProxyChange what, const std::string& callee, HostId endpoint,
                       const std::string& state, const std::string& cause) {
    record.proxy_changes.push_back({fact.at, fact.host, what, callee, endpoint, state, cause});
  };
  if (fact.is<proxy::BreakerChanged>()) {
    const auto& changed = fact.as<proxy::BreakerChanged>();
    add(ProxyChange::breaker, changed.callee, kNobody, changed.to, changed.cause);
  } else if (fact.is<proxy::EndpointEjected>()) {
    const auto& ejected = fact.as<proxy::EndpointEjected>();
    add(ProxyChange::ejected, ejected.callee, ejected.endpoint, "ejected", ejected.cause);
  } else if (fact.is<proxy::EjectionPrevented>()) {
    const auto& prevented = fact.as<proxy::EjectionPrevented>();
    add(ProxyChange::ejection_prevented, prevented.callee, prevented.endpoint, "kept",
        prevented.cause);
  } else if (fact.is<proxy::EndpointReturned>()) {
    const auto& returned = fact.as<proxy::EndpointReturned>();
    add(ProxyChange::returned, returned.callee, returned.endpoint, "returned", "");
  } else if (fact.is<proxy::EndpointFailedChecks>()) {
    const auto& failed = fact.as<proxy::EndpointFailedChecks>();
    add(ProxyChange::failed_checks, failed.callee, failed.endpoint, "unhealthy", failed.cause);
  } else if (fact.is<proxy::EndpointPassedChecks>()) {
    const auto& passed = fact.as<proxy::EndpointPassedChecks>();
    add(ProxyChange::passed_checks, passed.callee, passed.endpoint, "healthy", "");
  } else if (fact.is<proxy::QuotaLeased>()) {
    add(ProxyChange::quota, fact.as<proxy::QuotaLeased>().callee, kNobody, "leased", "");
  } else if (fact.is<proxy::QuotaLeaseLost>()) {
    add(ProxyChange::quota, fact.as<proxy::QuotaLeaseLost>().callee, kNobody, "lost", "");
  } else if (fact.is<health::MemberFoundDead>()) {
    record.membership.push_back(
        {fact.at, fact.host, fact.as<health::MemberFoundDead>().member, false});
  } else if (fact.is<health::MemberFoundAlive>()) {
    record.membership.push_back(
        {fact.at, fact.host, fact.as<health::MemberFoundAlive>().member, true});
  } else if (fact.is<health::AddressTaken>()) {
    record.addresses.push_back({fact.at, fact.host, fact.as<health::AddressTaken>().address, true});
  } else if (fact.is<health::AddressYielded>()) {
    record.addresses.push_back(
        {fact.at, fact.host, fact.as<health::AddressYielded>().address, false});
  }
}

}  // namespace windtunnel::chaos
