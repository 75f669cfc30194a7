#include "models/proxy/policy_documents.hpp"

#include "runtime/codec.hpp"

namespace windtunnel::proxy {

namespace {

constexpr std::string_view kPrefix = "routes/";

/// What settings cannot be used, whoever wrote them; empty where all can.
std::string_view flaw_of(const RoutePolicy& policy) {
  if (policy.timeout <= Duration::zero() || policy.deadline < policy.timeout) {
    return "a timeout must be positive and within the deadline";
  }
  if (policy.retry &&
      (policy.retry->attempts == 0 || policy.retry->backoff_max < policy.retry->backoff)) {
    return "a retry needs an attempt and an ascending backoff";
  }
  if (policy.breaker &&
      (policy.breaker->window <= Duration::zero() || policy.breaker->open_for <= Duration::zero() ||
       policy.breaker->half_open == 0)) {
    return "a breaker needs a window, an open interval and trial calls";
  }
  if (policy.outlier && (policy.outlier->interval <= Duration::zero() ||
                         policy.outlier->eject_for <= Duration::zero())) {
    return "outlier detection needs an interval and an ejection time";
  }
  if (policy.rate_limit && (policy.rate_limit->events == 0 || policy.rate_limit->burst == 0 ||
                            policy.rate_limit->per <= Duration::zero())) {
    return "a rate limit needs a rate and a burst";
  }
  return {};
}

}  // namespace

std::string document_name_of(const RoutePolicy& policy) {
  std::string name{kPrefix};
  name += policy.caller;
  name += '/';
  name += policy.callee;
  return name;
}

SharedBytes document_content_of(const RoutePolicy& policy) {
  return SharedBytes{encoded(policy)};
}

bool is_route_document(std::string_view name) {
  return name.starts_with(kPrefix);
}

std::optional<RoutePolicy> policy_of(const config::Document& document, std::string& why_not) {
  std::optional<RoutePolicy> policy = decoded<RoutePolicy>(document.content.view());
  const std::string_view flaw = !policy ? "it does not decode as a route policy" : flaw_of(*policy);
  if (!flaw.empty()) {
    why_not = document.name + ": " + std::string{flaw};
    return std::nullopt;
  }
  return policy;
}

}  // namespace windtunnel::proxy
