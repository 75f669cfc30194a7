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
  return document_name_of(policy.caller, policy.callee);
}

std::string document_name_of(std::string_view caller, std::string_view callee) {
  std::string name{kPrefix};
  name += caller;
  name += '/';
  name += callee;
  return name;
}

SharedBytes document_content_of(const RoutePolicy& policy) {
  return SharedBytes{encoded(policy)};
}

std::optional<RoutePolicy> policy_of(const config::Document& document, std::string& why_not) {
  std::optional<RoutePolicy> policy = decoded<RoutePolicy>(document.content.view());
  std::string_view flaw = "it does not decode as a route policy";
  if (policy) {
    const bool is_elsewhere = document.name != document_name_of(*policy);
    flaw = is_elsewhere ? "its content is the policy of another route" : flaw_of(*policy);
  }
  if (!flaw.empty()) {
    why_not = document.name + ": " + std::string{flaw};
    return std::nullopt;
  }
  return policy;
}

std::optional<std::string> flaw_of(const config::Update& update) {
  for (const config::Document& document : update.written) {
    std::string why_not;
    if (document.name.starts_with(kPrefix) && !policy_of(document, why_not)) {
      return why_not;
    }
  }
  return std::nullopt;
}

std::optional<RoutePolicy> policy_in(const Documents& documents, std::string_view caller,
                                     std::string_view callee) {
  const auto found = documents.find(document_name_of(caller, callee));
  return found == documents.end() ? std::nullopt
                                  : decoded<RoutePolicy>(found->second.content.view());
}

}  // namespace windtunnel::proxy
