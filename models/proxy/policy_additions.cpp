#include "models/proxy/policy_additions.hpp"

#include "runtime/codec.hpp"

namespace windtunnel::proxy {

namespace {

void add(const PolicyAdditions& additions, RoutePolicy& policy) {
  if (additions.rate_limit_form && policy.rate_limit) {
    policy.rate_limit->form = *additions.rate_limit_form;
  }
  policy.bulkhead = additions.bulkhead;
  policy.admission = additions.admission;
  policy.mtls = additions.mtls;
}

void add(const LaterPolicyAdditions& additions, RoutePolicy& policy) {
  policy.hierarchical_limit = additions.hierarchical_limit;
  policy.subsets = additions.subsets;
  if (policy.admission) {
    policy.admission->others = additions.admission_others;
  }
  if (policy.locality) {
    policy.locality->weights = additions.zone_weights;
  }
}

}  // namespace

PolicyAdditions additions_of(const RoutePolicy& policy) {
  PolicyAdditions additions;
  if (policy.rate_limit && policy.rate_limit->form != RateLimitForm{}) {
    additions.rate_limit_form = policy.rate_limit->form;
  }
  additions.bulkhead = policy.bulkhead;
  additions.admission = policy.admission;
  additions.mtls = policy.mtls;
  return additions;
}

LaterPolicyAdditions later_additions_of(const RoutePolicy& policy) {
  LaterPolicyAdditions additions;
  additions.hierarchical_limit = policy.hierarchical_limit;
  additions.subsets = policy.subsets;
  additions.admission_others = policy.admission ? policy.admission->others : 0;
  if (policy.locality) {
    additions.zone_weights = policy.locality->weights;
  }
  return additions;
}

std::string encoded_with_additions(const RoutePolicy& policy) {
  const PolicyAdditions additions = additions_of(policy);
  const LaterPolicyAdditions later = later_additions_of(policy);
  std::string bytes = encoded(policy);
  if (additions != PolicyAdditions{} || later != LaterPolicyAdditions{}) {
    bytes += encoded(additions);
  }
  if (later != LaterPolicyAdditions{}) {
    bytes += encoded(later);
  }
  return bytes;
}

std::optional<RoutePolicy> decoded_with_additions(std::string_view bytes) {
  ByteReader in{bytes};
  RoutePolicy policy;
  decode(in, policy);
  if (in.ok() && in.remaining() > 0) {
    PolicyAdditions additions;
    LaterPolicyAdditions later;
    decode(in, additions);
    if (in.ok() && in.remaining() > 0) {
      decode(in, later);
    }
    add(additions, policy);
    add(later, policy);
    // One policy has one encoding: nothing may follow that says nothing.
    if (!in.ok() || encoded_with_additions(policy) != bytes) {
      in.fail();
    }
  }
  return in.ok() && in.remaining() == 0 ? std::optional{std::move(policy)} : std::nullopt;
}

}  // namespace windtunnel::proxy
