// The calls of a sidecar, step by step: entrance, attempts, and the pauses between them.
#include <algorithm>
#include <utility>

#include "models/proxy/attempt_message.hpp"
#include "models/proxy/attempt_outcome.hpp"
#include "models/proxy/entrance.hpp"
#include "models/proxy/route_parts.hpp"
#include "models/proxy/sidecar_call.hpp"

namespace windtunnel::proxy {

Sidecar::Call& Sidecar::idle_call() {
  if (idle_calls_.empty()) {
    idle_calls_.push_back(&calls_.emplace_back());
  }
  Call& call = *idle_calls_.back();
  idle_calls_.pop_back();
  return call;
}

void Sidecar::start(std::string_view service, service::CallRequest request, Done done) {
  Target* const target = find_target(service);
  if (target == nullptr) {
    done(service::CallResult{});
    return;
  }
  Route& route = route_of(*target);
  Call& call = idle_call();
  call.waiter.wait(host_.pending(), std::move(done));
  call.target = target;
  call.service = service;
  call.request = std::move(request);
  call.result = {};
  call.result.policy = revision();
  call.began = host_.now();
  call.patience = std::min(call.request.timeout, route.policy().deadline);
  if (!route.keeps_limits(call.began, call.request.key, call.request.priority.business)) {
    come_in(call, Refused::hierarchical_limit);
  } else if (route.waits_at_entrance()) {
    spawn(host_, wait_at_entrance(call));
  } else {
    come_in(call, route.admit(call.began));
  }
}

asio::awaitable<void> Sidecar::wait_at_entrance(Call& call) {
  come_in(call, co_await enter(host_, *call.target->route, call.patience));
}

void Sidecar::come_in(Call& call, std::optional<Refused> turned_away) {
  if (turned_away) {
    call.result.outcome = outcome_of(*turned_away);
    finish(call);
    return;
  }
  Target& target = *call.target;
  call.version = target.versions ? target.versions->choose(call.request.key) : 0;
  if (Hedge* const hedge = target.route->hedge()) {
    spawn(host_, send_hedged(call, *hedge));
    return;
  }
  call.options = target.route->retry_options();
  call.retries.emplace(call.options, retry::Deadline::after(call.began, call.patience),
                       target.route->retry_budget());
  call.tried = {};
  go_on(call);
}

asio::awaitable<void> Sidecar::send_hedged(Call& call, Hedge& hedge) {
  HedgedCallInput input = hedged_call_input(*call.target, hedge, call.service, call.request);
  input.version = call.version;
  co_await call_hedged(std::move(input), call.began, call.result);
  call.target->route->end_request();
  finish(call);
}

/// A loop, since attempts that are refused end at once, and there may be many.
void Sidecar::go_on(Call& call) {
  while (!begin_attempt(call)) {
    if (!is_tried_again_now(call)) {
      return;
    }
  }
}

bool Sidecar::begin_attempt(Call& call) {
  Route& route = *call.target->route;
  const Instant now = host_.now();
  const retry::Deadline limit = call.retries->begin_attempt(now);
  const balance::PickRequest pick{.key = call.request.key,
                                  .hash = {},
                                  .attempt = call.retries->attempts() - 1,
                                  .tried = call.tried.tried()};
  const std::variant<Attempt, Refused> begun =
      route.begin_attempt(now, pick, call.version, call.request.priority);
  if (const Refused* const refused = std::get_if<Refused>(&begun)) {
    call.result.outcome = outcome_of(*refused);
    return false;
  }
  call.attempt = std::get<Attempt>(begun);
  const balance::EndpointId instance = route.instance_of(call.attempt.endpoint);
  call.tried.add(instance);
  call.to = call.target->host_of(instance);
  host_.expect_transmission(call.to);
  call.result.picked = call.result.picked.value_or(call.to);
  ++call.result.attempts;
  const Duration timeout = limit.remaining(now);
  if (needs_handshake(*call.target, call.to)) {
    spawn(host_, connect_and_send(call, timeout));
  } else {
    send(call, timeout);
  }
  return true;
}

asio::awaitable<void> Sidecar::connect_and_send(Call& call, Duration timeout) {
  const identity::Secured secured =
      co_await options_.workload->connect(call.to, call.service, timeout);
  const Instant now = host_.now();
  timeout -= now - call.attempt.began;
  if (secured == identity::Secured::yes && timeout > Duration::zero()) {
    send(call, timeout);
    co_return;
  }
  call.result.outcome = service::CallOutcome::unreachable;
  call.target->route->end_attempt(now, call.attempt, call.result.outcome);
  count(call.service, call.attempt, call.result.outcome);
  if (is_tried_again_now(call)) {
    go_on(call);
  }
}

void Sidecar::send(Call& call, Duration timeout) {
  call.id = next_id_++;
  Payload message{
      attempt_message(call.service, call.request, call.id, call.result.attempts - 1, timeout)};
  host_.messages().call<service::Response>(
      call.to, std::move(message), timeout,
      [this, &call](const error_code& error, const service::Response& response) {
        hear(call, error, response);
      });
}

void Sidecar::hear(Call& call, const error_code& error, const service::Response& response) {
  Route& route = *call.target->route;
  const Instant now = host_.now();
  if (error == asio::error::timed_out && route.policy().cancel) {
    host_.messages().send(call.to, service::Cancel{call.id});
  }
  if (!error) {
    route.note_admitted(now, call.attempt, response.admitted);
  }
  const service::CallOutcome outcome = service::outcome_of(error, response.status);
  call.result.outcome = outcome;
  call.result.version = call.attempt.version != 0 ? call.attempt.version : response.version;
  route.end_attempt(now, call.attempt, outcome);
  note_broken(*call.target, call.to, outcome);
  count(call.service, call.attempt, outcome);
  if (is_tried_again_now(call)) {
    go_on(call);
  }
}

/// After an attempt: false where the call has ended, or pauses before the next.
bool Sidecar::is_tried_again_now(Call& call) {
  state_facts(*call.target);
  retry::AttemptEnd end;
  end.outcome = attempt_outcome_of(call.result.outcome);
  const retry::Decision decision = call.retries->settle(host_.now(), end, retries_);
  const auto* const again = std::get_if<retry::RetryAfter>(&decision);
  if (again == nullptr) {
    call.target->route->end_request();
    finish(call);
    return false;
  }
  if (again->delay == Duration::zero()) {
    return true;
  }
  if (!call.pause) {
    call.pause.emplace(host_, [this, &call] { go_on(call); });
  }
  call.pause->expires_after(again->delay);
  return false;
}

void Sidecar::finish(Call& call) {
  const service::CallResult result = call.result;
  Done done = call.waiter.release();
  idle_calls_.push_back(&call);
  done(result);
}

}  // namespace windtunnel::proxy
