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

std::string encoded_with_additions(const RoutePolicy& policy) {
  const PolicyAdditions additions = additions_of(policy);
  std::string bytes = encoded(policy);
  if (additions != PolicyAdditions{}) {
    bytes += encoded(additions);
  }
  return bytes;
}

std::optional<RoutePolicy> decoded_with_additions(std::string_view bytes) {
  ByteReader in{bytes};
  RoutePolicy policy;
  decode(in, policy);
  if (in.ok() && in.remaining() > 0) {
    PolicyAdditions additions;
    decode(in, additions);
    add(additions, policy);
    // One policy has one encoding: nothing may follow that says nothing.
    if (additions == PolicyAdditions{} || additions != additions_of(policy)) {
      in.fail();
    }
  }
  return in.ok() && in.remaining() == 0 ? std::optional{std::move(policy)} : std::nullopt;
}

}  // namespace windtunnel::proxy
