#include "models/service/direct_caller.hpp"

#include <algorithm>
#include <utility>

namespace windtunnel::service {

DirectCaller::DirectCaller(Host& host, DirectCallerOptions options)
    : Caller(host),
      options_(std::move(options)),
      // Anywhere, so that a Cancel meant for an earlier process of this host fits nothing.
      next_id_(host.random("service.direct_caller").next()) {
  for (const Route& route : options_.routes) {
    RouteState& state = routes_.emplace_back(RouteState{route.service, {}, 0});
    for (const HostId target : route.hosts) {
      state.targets.push_back(Target{target, {}, Instant::min()});
    }
  }
}

DirectCaller::Target* DirectCaller::choose(std::string_view service) {
  const auto found = std::find_if(routes_.begin(), routes_.end(), [&](const RouteState& route) {
    return route.service == service;
  });
  if (found == routes_.end() || found->targets.empty()) {
    return nullptr;
  }
  Target& target = found->targets[found->next];
  found->next = (found->next + 1) % found->targets.size();
  return &target;
}

bool DirectCaller::would_be_refused(const Target& target, DagorLevel priority) const {
  return priority > target.admitted && host_.now() < target.admitted_until;
}

void DirectCaller::start(std::string_view service, CallRequest request, Done done) {
  CallResult result;
  Target* target = choose(service);
  if (target == nullptr) {
    done(result);
    return;
  }
  if (would_be_refused(*target, request.priority)) {
    result.outcome = CallOutcome::rejected;
    done(result);
    return;
  }
  Request message;
  message.service = service;
  message.key = std::move(request.key);
  message.id = next_id_++;
  message.remaining = request.timeout;
  message.attempt = request.attempt;
  message.priority = request.priority;
  const std::uint64_t id = message.id;
  result.attempts = 1;
  result.picked = target->host;
  host_.messages().call<Response>(target->host, Payload{std::move(message)}, request.timeout,
                                  [this, target, id, result, done = std::move(done)](
                                      const error_code& error, const Response& response) mutable {
                                    ended(*target, id, error, response);
                                    result.outcome = outcome_of(error, response.status);
                                    result.version = response.version;
                                    done(result);
                                  });
}

void DirectCaller::ended(Target& target, std::uint64_t id, const error_code& error,
                         const Response& response) {
  if (!error) {
    target.admitted = response.admitted;
    target.admitted_until = host_.now() + options_.admission_kept;
  } else if (error == asio::error::timed_out && options_.after_timeout == AfterTimeout::cancel) {
    host_.messages().send(target.host, Cancel{id});
  }
}

}  // namespace windtunnel::service
