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
  Call& call = idle_call();
  call.waiter.wait(host_.pending(), std::move(done));
  call.target = target;
  call.id = message.id;
  call.result = result;
  call.result.attempts = 1;
  call.result.picked = target->host;
  host_.messages().call<Response>(target->host, Payload{std::move(message)}, request.timeout,
                                  [this, &call](const error_code& error, const Response& response) {
                                    hear(call, error, response);
                                  });
}

DirectCaller::Call& DirectCaller::idle_call() {
  if (idle_calls_.empty()) {
    idle_calls_.push_back(&calls_.emplace_back());
  }
  Call& call = *idle_calls_.back();
  idle_calls_.pop_back();
  return call;
}

void DirectCaller::hear(Call& call, const error_code& error, const Response& response) {
  Target& target = *call.target;
  if (!error) {
    target.admitted = response.admitted;
    target.admitted_until = host_.now() + options_.admission_kept;
  } else if (error == asio::error::timed_out && options_.after_timeout == AfterTimeout::cancel) {
    host_.messages().send(target.host, Cancel{call.id});
  }
  CallResult result = call.result;
  result.outcome = outcome_of(error, response.status);
  result.version = response.version;
  Done done = call.waiter.release();
  idle_calls_.push_back(&call);
  done(result);
}

}  // namespace windtunnel::service
